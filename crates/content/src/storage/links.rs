//! Links, and the people and pages that they lead to. It must never tell a target: of a page its title
//! alone is told, and of a person nothing (P9).

use protocol::RemovalKind;

use super::{
    Act, Frame, Line, Link, Parser, Sink, Target,
    elements::Element,
    entities::resolve,
    reader::Tag,
    words::{is_blank, one_line},
};

/// Links within Confluence, and what they lead to.
impl<'a> Parser<'a> {
    pub(super) fn user(&mut self, tag: &Tag<'a>) {
        let names = ["ri:account-id", "ri:username", "ri:userkey"];
        let ids = names.into_iter().map(|name| tag.attribute(name));
        let id = ids
            .into_iter()
            .find(|id| !id.is_empty())
            .unwrap_or_default();
        if let Some(link) = self.link() {
            if !matches!(link.target, Target::Person(..)) {
                link.target = Target::Person(RemovalKind::Mention, id);
            }
            return;
        }
        let id = resolve(id);
        self.person(RemovalKind::Mention, &id, &id);
    }

    pub(super) fn resource(&mut self, tag: &Tag<'a>) {
        let space = tag.attribute("ri:space-key");
        let space = resolve(space);
        let is_personal = space.starts_with('~');
        let names = ["ri:content-title", "ri:filename", "ri:parameter"];
        let titles = names.into_iter().map(|name| tag.attribute(name));
        let title = titles.into_iter().find(|title| !title.is_empty());
        if is_personal {
            let user = space.trim_start_matches('~');
            self.out.know(RemovalKind::PeopleLink, "", user);
        }
        let space = tag.attribute("ri:space-key");
        if let Some(link) = self.link() {
            if link.target == Target::None {
                link.target = match title {
                    _ if is_personal => Target::Person(RemovalKind::PeopleLink, space),
                    Some(title) => Target::Title(title),
                    None => Target::Title(space),
                };
            }
            return;
        }
        // A file's page stands within the file's element.
        let is_value = match self.frames.last().map(|frame| frame.act) {
            Some(Act::Parameter { start, .. }) => {
                let words = self.held.get(start..).unwrap_or_default();
                words.trim().is_empty()
            }
            _ => false,
        };
        if let Some(title) = title
            && is_value
            && !is_personal
        {
            self.say(&resolve(title));
        }
    }

    /// The link that is open, if what begins now is its target.
    pub(super) fn link(&mut self) -> Option<&mut Link<'a>> {
        match self.frames.last_mut() {
            Some(Frame {
                act: Act::Link(link),
                ..
            }) => Some(link),
            _ => None,
        }
    }

    /// A link's words are told where they stand, unless they may be somebody's name.
    pub(super) fn link_body(&mut self, tag: Tag<'a>) {
        let target = self.link().map(|link| link.target);
        let sink = match target {
            Some(Target::Person(..) | Target::None) => Sink::Held,
            Some(Target::Title(_)) | None => self.sink,
        };
        self.push(Element::LinkBody, tag, Act::Nothing, sink);
    }

    pub(super) fn end_link(&mut self, link: Link<'_>) {
        let held = self.held.split_off(link.held.min(self.held.len()));
        match link.target {
            Target::Person(kind, id) => {
                let id = resolve(id);
                let user = id.trim_start_matches('~');
                let words = if held.trim().is_empty() && kind == RemovalKind::Mention {
                    user
                } else {
                    held.as_str()
                };
                if held.starts_with(is_blank) && self.sink == Sink::Page {
                    self.blank();
                }
                self.person(kind, words, user);
                if held.ends_with(is_blank) && self.sink == Sink::Page {
                    self.blank();
                }
            }
            _ if !held.trim().is_empty() => self.say(&held),
            _ if self.out.all_text().len() > link.told => {}
            Target::Title(title) if !title.is_empty() => self.say(&resolve(title)),
            _ => self.say(&resolve(link.anchor)),
        }
    }

    pub(super) fn people_link(&mut self, element: Element, tag: Tag<'a>, target: &'a str) {
        let act = Act::PeopleLink {
            start: self.held.len(),
            target,
            title: tag.attribute("title"),
        };
        self.push(element, tag, act, Sink::Held);
    }

    pub(super) fn end_people_link(&mut self, start: usize, target: &str, title: &str) {
        let held = self.held.split_off(start.min(self.held.len()));
        let words = one_line(&held);
        let id = resolve(target);
        if !title.is_empty() {
            self.out.know(RemovalKind::PeopleLink, &resolve(title), &id);
        }
        if self.sink != Sink::Page || words.is_empty() {
            self.out.know(RemovalKind::PeopleLink, &words, &id);
            // A link within words that are held is itself a part of these.
            self.say(&held);
            return;
        }
        if held.starts_with(is_blank) {
            self.blank();
        }
        self.out.people_link(&words, &id);
        self.line = Line::Word;
        if held.ends_with(is_blank) {
            self.blank();
        }
    }
}

/// The account that an element of HTML stands for; empty where it is none.
pub(super) fn account<'a>(tag: &Tag<'a>) -> &'a str {
    if tag.attributes.len() < "data-username=a".len() {
        return "";
    }
    let accounts = tag.attributes().filter(|(key, _)| {
        ["data-account-id", "data-username", "data-userkey"]
            .iter()
            .any(|known| key.eq_ignore_ascii_case(known))
    });
    accounts.map(|(_, value)| value).next().unwrap_or_default()
}
