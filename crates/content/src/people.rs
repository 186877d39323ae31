//! The rules by which a link or a macro counts as a person.

use crate::macros::{MacroKind, kind};

/// Whether a link leads to a person: a profile, a personal space, a mail or a chat.
pub(crate) fn is_people_url(url: &str) -> bool {
    let url = url.trim().to_ascii_lowercase().replace("%7e", "~");
    if [
        "mailto:",
        "slack://user",
        "tel:",
        "sip:",
        "callto:",
        "skype:",
        "xmpp:",
        "im:",
    ]
    .iter()
    .any(|scheme| url.starts_with(scheme))
    {
        return true;
    }
    [
        "/people/",
        "/display/~",
        "/spaces/~",
        "/~",
        "/viewuserprofile",
        "/user_profile/",
        ".slack.com/team/",
        "linkedin.com/in/",
        "/users/viewuser",
        "/secure/viewprofile",
        "msteams/l/chat",
        "teams.microsoft.com/l/chat",
    ]
    .iter()
    .any(|part| url.contains(part))
}

/// The user name in the address of a personal space or profile.
pub(crate) fn user_in_url(url: &str) -> &str {
    url.split_once("/~")
        .and_then(|(_, user)| user.split(['/', '?', '#']).next())
        .unwrap_or_default()
}

/// Whether a macro of this name shows people.
pub(crate) fn is_people_macro(name: &str) -> bool {
    kind(name) == MacroKind::People
}
