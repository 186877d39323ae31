//! The rules by which a link or a macro counts as a person.

use protocol::RemovalKind;

use crate::Document;

/// Schemes of addresses that reach a person.
const SCHEMES: &[&str] = &[
    "mailto:",
    "slack://user",
    "tel:",
    "sms:",
    "sip:",
    "sips:",
    "callto:",
    "skype:",
    "xmpp:",
    "im:",
    "msteams:/l/chat",
    "msteams://",
    "whatsapp:",
    "facetime:",
];

/// Parts of addresses that lead to a person; a tilde may be percent-encoded.
const PATHS: &[&str] = &[
    "/people/",
    "/display/~",
    "/spaces/~",
    "/~",
    "/viewuserprofile",
    "/user_profile/",
    "/users/viewuser",
    "/secure/viewprofile",
    "/useravatar",
    "/aa-avatar/",
    "/profilepics/",
    "/user-avatar/",
    "/l/chat",
    "/calendly.com/",
    "/t.me/",
    "/wa.me/",
    ".slack.com/team/",
    ".com/in/",
    ".gravatar.com/",
    "?accountid=",
    "&accountid=",
    "?username=",
    "&username=",
    "?userkey=",
    "&userkey=",
    "?assignee=",
    "&assignee=",
    "?reporter=",
    "&reporter=",
    "?contributors=",
    "&contributors=",
];

/// Whether a link leads to a person: a profile, a personal space, a mail or a chat.
pub(crate) fn is_people_url(url: &str) -> bool {
    let url = url.trim().as_bytes();
    // Only these begin what is looked for, and most addresses hold few of them.
    let may_begin = |byte: u8, next: u8| match byte {
        b'/' => matches!(
            next.to_ascii_lowercase(),
            b'p' | b'd' | b's' | b'~' | b'%' | b'v' | b'u' | b'a' | b'l' | b'c' | b't' | b'w'
        ),
        b'.' => matches!(next.to_ascii_lowercase(), b's' | b'c' | b'g'),
        b'?' | b'&' => matches!(next.to_ascii_lowercase(), b'a' | b'u' | b'r' | b'c'),
        _ => false,
    };
    let path = |(index, byte): (usize, &u8)| {
        may_begin(*byte, url.get(index + 1).copied().unwrap_or(0))
            && PATHS.iter().any(|path| {
                begins(&url[index..], path)
                    && (*path != ".com/in/"
                        || url[..index].to_ascii_lowercase().ends_with(b"linkedin"))
            })
    };
    let is_web = begins(url, "http");
    !is_web && SCHEMES.iter().any(|scheme| begins(url, scheme)) || url.iter().enumerate().any(path)
}

/// Whether an address begins with a part, in letters of either case.
fn begins(url: &[u8], part: &str) -> bool {
    let mut url = url.iter();
    part.bytes().all(|byte| match url.next() {
        Some(b'%') if byte == b'~' => {
            url.next() == Some(&b'7') && url.next().is_some_and(|it| it.eq_ignore_ascii_case(&b'e'))
        }
        Some(other) => other.eq_ignore_ascii_case(&byte),
        None => false,
    })
}

/// The user name in the address of a personal space or profile, or the reader of a mail.
pub(crate) fn user_in_url(url: &str) -> &str {
    // Most ids are no address.
    if !url.bytes().any(|byte| matches!(byte, b'/' | b'=' | b':')) {
        return "";
    }
    let behind = |sign: &str| url.split_once(sign).map(|(_, user)| user);
    let scheme = url
        .get(..7)
        .is_some_and(|it| it.eq_ignore_ascii_case("mailto:"));
    let user = if scheme { url.get(7..) } else { None };
    user.or_else(|| behind("/~"))
        .or_else(|| behind("/%7E"))
        .or_else(|| behind("/%7e"))
        .or_else(|| behind("username="))
        .or_else(|| behind("ViewProfile.jspa?name="))
        .or_else(|| behind("linkedin.com/in/"))
        .and_then(|user| user.split(['/', '?', '#', '&', '@']).next())
        .unwrap_or_default()
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

/// Finds the people in a table of page properties: those in cells beside or below a role, such as
/// "Owner", that the page names without a mention.
#[derive(Default)]
pub(crate) struct Roles {
    /// The columns below a heading that is a role, as bits.
    columns: u64,
    column: u32,
    is_row: bool,
}

impl Roles {
    pub(crate) fn start_row(&mut self) {
        self.column = 0;
        self.is_row = false;
    }

    /// Takes the next cell of the row, by the words of each of its lines.
    pub(crate) fn cell<'a>(
        &mut self,
        document: &mut Document,
        is_header: bool,
        lines: impl Iterator<Item = &'a str> + Clone,
    ) {
        let bit = 1_u64.checked_shl(self.column).unwrap_or(0);
        let is_first = self.column == 0;
        self.column = self.column.saturating_add(1);
        if is_header || is_first {
            let mut words = lines.clone().filter(|line| !line.trim().is_empty());
            let role = words.next().is_some_and(is_role) && words.next().is_none();
            self.is_row |= role && is_first;
            self.columns = if role && is_header {
                self.columns | bit
            } else if is_header {
                self.columns & !bit
            } else {
                self.columns
            };
            if is_header || role {
                return;
            }
        }
        if self.is_row || self.columns & bit != 0 {
            for line in lines {
                for people in line
                    .split(" and ")
                    .flat_map(|it| it.split([',', ';', '&', '\n']))
                {
                    document.know(RemovalKind::PeopleLink, people.trim(), "");
                }
            }
        }
    }
}

/// Whether a property of this name says who does something.
fn is_role(property: &str) -> bool {
    const ROLES: &[&str] = &[
        "owner",
        "author",
        "assignee",
        "approver",
        "contributor",
        "creator",
        "created by",
        "prepared by",
        "written by",
        "reporter",
        "reviewer",
        "driver",
        "informed",
        "consulted",
        "accountable",
        "responsible",
        "contact",
        "sponsor",
        "stakeholder",
        "manager",
        "editor",
        "lead",
        "autor",
        "auteur",
        "responsable",
        "verantwortlich",
        "ansprechpartner",
    ];
    let property = property.trim();
    property.len() <= 40 && ROLES.iter().any(|role| holds(property, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_people_are_known_by_their_address() {
        for url in [
            "mailto:desk@example.com",
            " MailTo:desk@example.com",
            "https://x.atlassian.net/wiki/people/557058:1",
            "https://x.atlassian.net/wiki/spaces/~whalloway/overview",
            "/display/%7Ewhalloway",
            "https://crew.slack.com/team/U1",
            "https://www.linkedin.com/in/whalloway",
            "https://teams.microsoft.com/l/chat/0/0?users=w",
            "slack://user?id=U1",
        ] {
            assert!(is_people_url(url), "{url}");
        }
        for url in [
            "",
            "https://example.com/team/",
            "https://example.com/people-and-places",
            "https://example.com/in/",
            "~x",
            "image:1",
            "é/people",
        ] {
            assert!(!is_people_url(url), "{url}");
        }
    }

    #[test]
    fn every_part_is_found_in_either_case() {
        for part in PATHS {
            let host = if *part == ".com/in/" {
                "linkedin"
            } else {
                "example"
            };
            for part in [
                part.to_string(),
                part.to_uppercase(),
                part.replace('~', "%7E"),
            ] {
                let url = format!("https://{host}{part}x");
                assert!(is_people_url(&url), "{url}");
            }
        }
        for scheme in SCHEMES {
            assert!(is_people_url(&scheme.to_uppercase()), "{scheme}");
        }
        for url in [
            "https://example.com/wiki/pages/1?focus=2&page=3",
            "",
            "/",
            "httpd:",
        ] {
            assert!(!is_people_url(url), "{url}");
        }
    }
}
