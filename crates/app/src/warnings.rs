//! What may be missed of a page, as sentences. Names types of nodes and macros, never content.

use content::{Warning, WarningKind};
use protocol::{PageWarning, PageWarningKind};

/// A warning of `content` as the Custom UI shows it.
pub(crate) fn page_warning(warning: &Warning) -> PageWarning {
    let kind = match warning.kind {
        WarningKind::UnknownNode => PageWarningKind::UnknownNode,
        WarningKind::UnknownMark => PageWarningKind::UnknownMark,
        WarningKind::UnknownMacro => PageWarningKind::UnknownMacro,
        WarningKind::TooDeep => PageWarningKind::TooDeep,
        WarningKind::BrokenMarkup => PageWarningKind::BrokenMarkup,
        WarningKind::Cut => PageWarningKind::Cut,
        WarningKind::NotIncluded => PageWarningKind::NotIncluded,
        WarningKind::UnknownVersion => PageWarningKind::UnknownVersion,
    };
    let name = match warning.name.as_str() {
        "" => String::new(),
        name => format!(" ({name})"),
    };
    let message = match kind {
        PageWarningKind::UnknownNode => {
            format!(
                "The page holds an element that this app does not know{name}; its text was kept."
            )
        }
        PageWarningKind::UnknownMark => {
            format!("The page holds a format that this app does not know{name}; the text was kept.")
        }
        PageWarningKind::UnknownMacro => {
            format!("The page holds a macro that this app does not know{name}; its text was kept.")
        }
        PageWarningKind::TooDeep => {
            "Parts of the page are nested very deeply and may be missing or out of place."
                .to_owned()
        }
        PageWarningKind::BrokenMarkup => {
            "The page's source is damaged in places; it was read as a browser would.".to_owned()
        }
        PageWarningKind::Cut => {
            "The page is longer than a script can be; its end was left out.".to_owned()
        }
        PageWarningKind::UnknownVersion => {
            format!(
                "The page is of a format{name} that this app does not know yet; compare the text with the page."
            )
        }
        PageWarningKind::NotIncluded => {
            format!("Content that stands elsewhere{name} is not told.")
        }
    };
    PageWarning {
        kind,
        name: warning.name.clone(),
        count: warning.count,
        message,
    }
}
