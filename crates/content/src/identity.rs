//! Takes people out (P9), and the rules by which a link or a macro counts as a person.

use protocol::{Removal, RemovalKind, Script, ScriptSection};

use crate::{ContentError, Document, lines::Lines, names::Names};

/// A person found on the page.
#[derive(Clone, Copy)]
pub(crate) struct Person<'a> {
    pub kind: RemovalKind,
    pub text: &'a str,
}

/// A title and sections without people, and what was taken out. Made by [`remove_identities`] alone.
#[derive(Debug)]
pub struct CleanDocument {
    pub(crate) title: String,
    pub(crate) sections: Vec<ScriptSection>,
    pub(crate) removals: Vec<Removal>,
}

/// Takes every person out of a page: mentions, links to people, macros that show people, and in
/// plain text the names that the page's mentions gave away, e-mail addresses and account ids.
pub fn remove_identities(title: &str, document: &Document) -> CleanDocument {
    let names = Names::of(document);
    let mut lines = Lines::new(&names);
    let title = lines.title(title);
    lines.blocks(&document.blocks, 0);
    lines.finish(title)
}

/// Cleans a script that a person edited, by the names known from the page it was made from: what
/// came back from a browser is not trusted to be clean.
pub fn clean_script(
    script: &Script,
    document: &Document,
) -> Result<(Script, Vec<Removal>), ContentError> {
    let names = Names::of(document);
    let mut lines = Lines::new(&names);
    let title = lines.title(script.title());
    for section in script.sections() {
        lines.section(&section.heading);
        lines.text(&section.text);
    }
    crate::script(lines.finish(title))
}

/// Whether a link leads to a person: a profile, a personal space, a mail or a chat.
pub(crate) fn is_people_url(url: &str) -> bool {
    let url = url.trim().to_ascii_lowercase();
    if ["mailto:", "slack://user", "tel:", "sip:", "callto:"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return true;
    }
    [
        "/people/",
        "/display/~",
        "/spaces/~",
        "/viewuserprofile",
        "/users/viewuser",
        "/secure/viewprofile",
        "msteams/l/chat",
        "teams.microsoft.com/l/chat",
    ]
    .iter()
    .any(|part| url.contains(part))
}

/// Whether a macro of this name shows people.
pub(crate) fn is_people_macro(name: &str) -> bool {
    matches!(
        name,
        "profile"
            | "profile-picture"
            | "contributors"
            | "contributors-summary"
            | "content-by-user"
            | "userlister"
            | "user-list"
            | "recently-updated"
            | "recently-updated-dashboard"
            | "tasks-report"
            | "tasks-report-macro"
            | "network"
            | "favpages"
            | "change-history"
            | "team-calendar"
            | "status-list"
    )
}
