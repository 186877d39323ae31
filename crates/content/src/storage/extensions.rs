//! Content that stands in a body twice, as ADF and as a fallback for readers of storage format. It
//! is told once, but people are learnt from both.

use protocol::RemovalKind;

use super::{Act, Extension, Parser, Sink, elements::Element, reader::Tag};
use crate::{
    WarningKind,
    macros::{self, MacroKind},
    model::{Block, Panel},
    people::learn,
};

/// Content that stands here twice, as ADF and as a fallback for readers of storage format.
impl<'a> Parser<'a> {
    /// Whether the extension that begins here has a fallback, which stands behind its nodes.
    pub(super) fn has_fallback(&mut self) -> bool {
        let body = self.body;
        let extensions = self.extensions.get_or_insert_with(|| fallbacks(body));
        let end = self.reader.position();
        let index = extensions.partition_point(|(start, _)| *start < end);
        index
            .checked_sub(1)
            .and_then(|index| extensions.get(index))
            .is_some_and(|it| it.1)
    }

    pub(super) fn extension(&mut self) -> Option<&mut Extension> {
        self.frames
            .iter_mut()
            .rev()
            .find_map(|frame| match &mut frame.act {
                Act::Extension(extension) => Some(extension),
                _ => None,
            })
    }

    pub(super) fn extension_node(&mut self, tag: Tag<'a>) {
        let has_fallback = match self.extension() {
            Some(extension) => {
                extension.is_told |= !extension.has_fallback;
                extension.has_fallback
            }
            None => false,
        };
        if has_fallback {
            self.push(Element::ExtensionNode, tag, Act::Nothing, Sink::Nowhere);
            return;
        }
        let block = match tag.attribute("type") {
            "decision-item" => Block::Decision,
            _ => Block::Group,
        };
        self.block(Element::ExtensionNode, tag, block);
    }

    pub(super) fn end_attribute(&mut self, key: &str, start: usize) {
        let value = self.held.split_off(start.min(self.held.len()));
        let value = value.trim();
        match key {
            "panel-type" => {
                let panel = match value {
                    "note" => Panel::Note,
                    "tip" => Panel::Tip,
                    "success" => Panel::Success,
                    "warning" => Panel::Warning,
                    "error" => Panel::Error,
                    _ => Panel::Info,
                };
                let block = self.extension().and_then(|extension| extension.block);
                if let Some(block) = block {
                    self.out.change(block, Block::Panel(panel));
                }
            }
            "extension-key" => match macros::kind(value) {
                MacroKind::People => self.person(RemovalKind::PeopleMacro, value, ""),
                MacroKind::Elsewhere => self.warn(WarningKind::NotIncluded, value),
                _ => {}
            },
            _ => learn(&mut self.out, key, value),
        }
    }
}

/// Where each extension of a body begins, and whether it has a fallback of its own.
pub(super) fn fallbacks(body: &str) -> Vec<(usize, bool)> {
    let mut extensions: Vec<(usize, bool)> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, _) in body.match_indices("ac:adf-") {
        let before = body.as_bytes().get(at.wrapping_sub(1)).copied();
        let name = body.get(at + "ac:adf-".len()..).unwrap_or_default();
        if name.starts_with("extension") {
            if before == Some(b'<') {
                open.push(extensions.len());
                extensions.push((at, false));
            } else {
                open.pop();
            }
        } else if name.starts_with("fallback")
            && before == Some(b'<')
            && let Some(extension) = open.last().and_then(|index| extensions.get_mut(*index))
        {
            extension.1 = true;
        }
    }
    extensions
}
