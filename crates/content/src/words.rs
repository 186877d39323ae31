//! What is known of words: where they begin and end, how they are compared, and which of them are
//! ordinary although people are called so. Knows nothing of pages.

/// How ordinary a word is that may be a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ordinary {
    /// It is capitalised for other reasons as well (months, nouns of headings): never a name alone.
    Always,
    /// Within a sentence its capital makes it a name.
    InLowerCase,
}

/// How ordinary a folded word is.
pub(crate) fn ordinary(word: &str) -> Option<Ordinary> {
    if ALWAYS.contains(&word) || is_common(word) || is_group(word) {
        Some(Ordinary::Always)
    } else if IN_LOWER_CASE.contains(&word) {
        Some(Ordinary::InLowerCase)
    } else {
        None
    }
}

const ALWAYS: &[&str] = &[
    "ai", "all", "am", "an", "and", "april", "as", "at", "august", "banks", "be", "black", "brown",
    "by", "case", "day", "do", "field", "go", "green", "he", "hr", "id", "if", "in", "is", "it",
    "june", "long", "may", "me", "my", "no", "of", "ok", "on", "or", "page", "pr", "price", "qa",
    "read", "red", "sky", "small", "so", "star", "summer", "the", "to", "ui", "up", "us", "ux",
    "we", "white", "young",
];

const IN_LOWER_CASE: &[&str] = &[
    "angel", "art", "baker", "bill", "buck", "bush", "chance", "chase", "chip", "cook", "dale",
    "dawn", "dean", "drew", "earl", "eve", "faith", "frank", "gene", "glen", "grace", "grant",
    "guy", "harmony", "hill", "hope", "jack", "jay", "joy", "king", "major", "mark", "max",
    "mercy", "miles", "pat", "patience", "penny", "pierce", "ray", "rich", "rob", "robin", "rock",
    "rose", "ruby", "stone", "sue", "victor", "wade", "ward", "will",
];

/// Whether a folded word names a role and not a person when it is used as an id.
pub(crate) fn is_common(word: &str) -> bool {
    matches!(
        word,
        "admin"
            | "administrator"
            | "anonymous"
            | "channel"
            | "confluence"
            | "everyone"
            | "guest"
            | "hello"
            | "help"
            | "here"
            | "info"
            | "jira"
            | "office"
            | "owner"
            | "public"
            | "root"
            | "sales"
            | "service"
            | "system"
            | "test"
            | "tester"
            | "unknown"
            | "user"
            | "users"
            | "wiki"
    )
}

/// Whether a mention that ends in this word names a group: its words alone are ordinary.
pub(crate) fn is_group(word: &str) -> bool {
    matches!(
        fold(word).as_str(),
        "alerts"
            | "automation"
            | "board"
            | "bot"
            | "chapter"
            | "crew"
            | "department"
            | "desk"
            | "engineering"
            | "group"
            | "guild"
            | "leads"
            | "office"
            | "operations"
            | "ops"
            | "squad"
            | "support"
            | "team"
            | "teams"
            | "tribe"
    )
}

/// Whether a word of a display name is a form of address.
pub(crate) fn is_title(word: &str) -> bool {
    matches!(
        fold(word.trim_end_matches('.')).as_str(),
        "dr" | "mr" | "mrs" | "ms" | "mx" | "prof"
    )
}

/// Whether the words of a link look like a person's name and not like an invitation.
pub(crate) fn looks_like_name(words: &[&str]) -> bool {
    const INVITATIONS: &[&str] = &[
        "about",
        "ask",
        "call",
        "chat",
        "contact",
        "directory",
        "email",
        "e-mail",
        "mail",
        "message",
        "our",
        "people",
        "ping",
        "profile",
        "reach",
        "see",
        "send",
        "slack",
        "talk",
        "view",
        "write",
        "your",
    ];
    const PARTICLES: &[&str] = &[
        "al", "bin", "da", "de", "den", "der", "di", "dos", "du", "el", "la", "le", "ten", "van",
        "von", "zu",
    ];
    (1..=5).contains(&words.len())
        && words.iter().all(|word| {
            let capital = word.starts_with(|first: char| !first.is_lowercase());
            let word = fold(word);
            (capital || PARTICLES.contains(&word.as_str()))
                && !INVITATIONS.contains(&word.as_str())
                && ordinary(&word) != Some(Ordinary::Always)
        })
}

/// Whether a character is part of a word. Marks that combine with a letter and joiners are; the
/// underscore is not, since identifiers and handles part names with it.
pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || is_mark(character)
}

fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{652}' | '\u{200C}' | '\u{200D}'
        | '\u{93C}' | '\u{94D}' | '\u{9BC}' | '\u{9CD}' | '\u{A3C}' | '\u{A4D}' | '\u{ABC}' | '\u{ACD}'
        | '\u{B3C}' | '\u{B4D}' | '\u{BCD}' | '\u{C4D}' | '\u{CBC}' | '\u{CCD}' | '\u{D4D}' | '\u{DCA}')
}

/// Whether a character belongs to a script that writes words without blanks between them: each
/// character is looked at as a word.
pub(crate) fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{E00}'..='\u{E7F}' | '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3134F}')
}

/// Bytes of the word at the start of a text; 0 when there is none.
pub(crate) fn token_length(text: &str) -> usize {
    match text.chars().next() {
        Some(first) if is_wide(first) && is_word(first) => first.len_utf8(),
        _ => text
            .char_indices()
            .find(|(_, character)| !is_word(*character) || is_wide(*character))
            .map_or(text.len(), |(index, _)| index),
    }
}

/// A word as it is compared: in lower case, without accents and invisible signs, so that "José" is
/// found as "Jose" and in either way of encoding it.
pub(crate) fn fold(word: &str) -> String {
    word.chars()
        .filter(|character| {
            !matches!(
                character,
                '\u{AD}' | '\u{300}'..='\u{36F}' | '\u{200C}' | '\u{200D}'
            )
        })
        .flat_map(char::to_lowercase)
        .map(base)
        .filter(|character| !matches!(character, '\u{300}'..='\u{36F}'))
        .collect()
}

/// The Latin letter below an accent.
fn base(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ả' | 'ấ' | 'ầ' | 'ạ' | 'ắ' | 'ằ' | 'ậ' | 'ặ' => {
            'a'
        }
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẻ' | 'ẽ' | 'ế' | 'ề' | 'ể' | 'ễ' | 'ệ' | 'ẹ' => {
            'e'
        }
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => 'i',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö'
        | 'ø'
        | 'ō'
        | 'ŏ'
        | 'ő'
        | 'ơ'
        | 'ỏ'
        | 'ọ'
        | 'ố'
        | 'ồ'
        | 'ổ'
        | 'ỗ'
        | 'ộ'
        | 'ớ'
        | 'ờ'
        | 'ợ' => 'o',
        'ŕ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü'
        | 'ũ'
        | 'ū'
        | 'ŭ'
        | 'ů'
        | 'ű'
        | 'ų'
        | 'ư'
        | 'ủ'
        | 'ụ'
        | 'ứ'
        | 'ừ'
        | 'ử'
        | 'ữ'
        | 'ự' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' | 'ỳ' | 'ỹ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}
