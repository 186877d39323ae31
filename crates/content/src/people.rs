//! The rules by which a link or a macro counts as a person.

use protocol::RemovalKind;

use crate::{
    Document,
    macros::{MacroKind, kind},
};

/// Whether a link leads to a person: a profile, a personal space, a mail or a chat.
pub(crate) fn is_people_url(url: &str) -> bool {
    const SCHEMES: &[&str] = &[
        "mailto:",
        "tel:",
        "sip:",
        "callto:",
        "skype:",
        "xmpp:",
        "im:",
        "slack://user",
    ];
    const PATHS: &[&str] = &[
        "/people/",
        "/~",
        "/%7e",
        "/viewuserprofile",
        "/user_profile/",
        "/users/viewuser",
        "/secure/viewprofile",
    ];
    /// Paths that lead to people on these hosts alone.
    const OF_HOSTS: &[(&str, &str)] = &[
        (".slack.com", "/team/"),
        ("linkedin.com", "/in/"),
        ("msteams", "/l/chat"),
        ("teams.microsoft.com", "/l/chat"),
    ];
    let url = url.trim();
    SCHEMES.iter().any(|scheme| begins(url, scheme))
        || url.match_indices('/').any(|(index, _)| {
            let (host, path) = url.split_at(index);
            PATHS.iter().any(|part| begins(path, part))
                || OF_HOSTS
                    .iter()
                    .any(|(of, part)| begins(path, part) && ends(host, of))
        })
}

fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len())
        .is_some_and(|it| it.eq_ignore_ascii_case(with))
}

fn ends(text: &str, with: &str) -> bool {
    text.len()
        .checked_sub(with.len())
        .and_then(|start| text.get(start..))
        .is_some_and(|it| it.eq_ignore_ascii_case(with))
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

/// Learns whom a parameter names: a list of names or ids, or a query for them.
pub(crate) fn learn(document: &mut Document, parameter: &str, text: &str) {
    if text.len() > 4_096 {
        return;
    }
    if names_people(parameter) {
        for one in text.split([',', ';']).map(str::trim) {
            document.know(RemovalKind::PeopleLink, one, one);
        }
        return;
    }
    // Account ids, user keys and personal spaces, whatever the parameter.
    for part in text.split(|one: char| !one.is_ascii_alphanumeric() && one != '~') {
        let is_key = matches!(part.len(), 24 | 32)
            && part.bytes().all(|byte| byte.is_ascii_hexdigit())
            && part.bytes().any(|byte| byte.is_ascii_digit());
        let id = part.strip_prefix('~').unwrap_or_default();
        let id = if is_key { part } else { id };
        if !id.is_empty() {
            document.know(RemovalKind::PeopleLink, "", id);
        }
    }
    // JQL and CQL: `assignee in ("Wren Halloway", 557058:…)`.
    const FIELDS: &[&str] = &[
        "assignee",
        "reporter",
        "creator",
        "contributor",
        "watcher",
        "approver",
    ];
    let is_query = text.contains(['=', '(', ' ']);
    if !is_query || !FIELDS.iter().any(|field| holds(text, field)) {
        return;
    }
    for one in text
        .split(['"', '\'', '(', ')', ',', '=', ' '])
        .map(str::trim)
    {
        if one.bytes().any(|byte| byte.is_ascii_digit()) || one.contains(' ') {
            document.know(RemovalKind::PeopleLink, one, one);
        }
    }
    for quoted in text.split(['"', '\'']).skip(1).step_by(2) {
        document.know(RemovalKind::PeopleLink, quoted, quoted);
    }
}

/// Whether a parameter of this name holds people.
pub(crate) fn names_people(parameter: &str) -> bool {
    const ROLES: &[&str] = &[
        "user",
        "assignee",
        "author",
        "contributor",
        "owner",
        "creator",
        "reporter",
        "approver",
        "attributedto",
        "member",
        "people",
        "person",
        "updatedby",
        "createdby",
        "watcher",
        "mention",
    ];
    ROLES.iter().any(|role| holds(parameter, role))
}

fn holds(text: &str, part: &str) -> bool {
    text.as_bytes()
        .windows(part.len())
        .any(|it| it.eq_ignore_ascii_case(part.as_bytes()))
}
