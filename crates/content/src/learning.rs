//! Learns from a page whom it names: by its own structure (mentions, links, parameters), and by
//! what stands behind labels, signatures, tags and before e-mail addresses. Ordinary values of such
//! labels ("Owner: Platform Team") must not be learnt: each would be taken out of the whole page.

use std::cmp::Reverse;

use protocol::RemovalKind;

use crate::{
    fold::{self, SEED, Shape, Token, step},
    model::{Block, Document, PersonRef, Piece},
    names::{Learner, Names, looks_like_name},
    patterns,
    people::user_in_url,
    words::{self, Word},
};

/// The most names that are learnt from text. A page has some dozens; what a page of nothing but
/// labels costs must stay bounded.
const MAX_LEARNT: usize = 2_000;
/// The most bytes of a value that are looked at.
const MAX_VALUE: usize = 400;

impl Names {
    /// Everybody whom some documents name.
    pub(crate) fn of_all(documents: &mut dyn Iterator<Item = &Document>) -> Self {
        let mut reader = Reader {
            learner: Learner::new(),
            learnt: 0,
            closing: false,
        };
        for document in documents {
            reader.people(document);
            reader.text(document);
        }
        reader.learner.finish()
    }
}

struct Reader {
    learner: Learner,
    learnt: usize,
    /// The line before ended a letter: the next may be its writer's.
    closing: bool,
}

/// A table that is open.
#[derive(Default)]
struct Table {
    /// Columns headed by a label, by bits.
    people: u64,
    column: u32,
    columns: u32,
    is_below: bool,
    in_cell: bool,
    is_header: bool,
    /// A cell before in the row is a label.
    labelled: bool,
}

impl Reader {
    fn people(&mut self, document: &Document) {
        let mut people: Vec<PersonRef<'_>> = document
            .people()
            .filter(|person| person.kind != RemovalKind::PeopleMacro)
            .collect();
        // The same person many times is learned once.
        people.sort_unstable_by_key(|person| (person.text, person.id, Reverse(person.kind)));
        people.dedup_by(|a, b| (a.kind, a.text, a.id) == (b.kind, b.text, b.id));
        for person in people {
            self.learner.id(person.id);
            let user = user_in_url(person.id);
            self.learner.id(user);
            self.local_part(user);
            self.learner.name(person.kind, person.text);
        }
    }

    fn text(&mut self, document: &Document) {
        self.closing = false;
        let mut tables: Vec<Table> = Vec::new();
        // What is open, as far as tables are concerned: a table, a row, a cell or another.
        let mut open: Vec<u8> = Vec::new();
        for piece in document.pieces() {
            match piece {
                Piece::Open(block) => {
                    let table = tables.last_mut();
                    open.push(match (block, table) {
                        (Block::Table, _) => {
                            tables.push(Table::default());
                            1
                        }
                        (Block::Row, Some(table)) => {
                            table.column = 0;
                            table.columns = 0;
                            table.labelled = false;
                            2
                        }
                        (
                            Block::Cell {
                                header, columns, ..
                            },
                            Some(table),
                        ) => {
                            table.column = table.columns;
                            table.columns += u32::from(columns);
                            table.in_cell = true;
                            table.is_header = header;
                            3
                        }
                        _ => 0,
                    });
                }
                Piece::Close => {
                    let closed = open.pop().unwrap_or(0);
                    if closed == 1 {
                        tables.pop();
                    } else if let Some(table) = tables.last_mut() {
                        table.is_below |= closed == 2;
                        table.in_cell &= closed != 3;
                    }
                }
                Piece::Text(text) => {
                    if let Some(table) = tables.last_mut()
                        && table.in_cell
                    {
                        self.cell(table, text.trim());
                    }
                    self.lines(text);
                }
                Piece::Person(_) => self.closing = false,
            }
            if self.learnt > MAX_LEARNT {
                return;
            }
        }
    }

    fn cell(&mut self, table: &mut Table, text: &str) {
        let bit = 1_u64.checked_shl(table.column).unwrap_or(0);
        if text.len() <= 48 && is_label(text.trim_end_matches([':', '：', ' '])) {
            table.labelled = true;
            if !table.is_below {
                table.people |= bit;
            }
        } else if !table.is_header && (table.labelled || table.people & bit != 0) {
            self.values(text);
        }
    }

    /// Looks for labels, tags, signatures and addresses.
    fn lines(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.line(text, 0);
        for (at, byte) in bytes.iter().enumerate() {
            if !SIGNS[usize::from(*byte)] {
                continue;
            }
            match byte {
                b'\n' => self.line(text, at + 1),
                b':' | b'='
                    if label_before(text, at).is_some_and(|it| it.is_label() || it.is_by()) =>
                {
                    self.values(&text[at + 1..]);
                }
                b'@' => self.at(text, at),
                // "Prepared by Wren Halloway".
                b'y' if at >= 3
                    && bytes[at - 1] == b'b'
                    && matches!(bytes[at - 2], b' ' | b'-') =>
                {
                    let behind = text.get(at + 1..).unwrap_or_default();
                    if behind.starts_with(' ') && is_participle(&text[..at - 2]) {
                        self.values(behind);
                    }
                }
                // A colon of full width.
                0xEF if text[at..].starts_with('：')
                    && label_before(text, at).is_some_and(Word::is_label) =>
                {
                    self.values(&text[at + '：'.len_utf8()..]);
                }
                _ => {}
            }
        }
    }

    /// The beginning of a line: a copy to somebody, or a letter's end.
    fn line(&mut self, text: &str, at: usize) {
        // Most lines are prose: long, and no copy to anybody.
        if let Some(head) = text.as_bytes().get(at..at + 56)
            && !self.closing
            && !matches!(head[0], b'c' | b'C' | b'a' | b'A' | b' ' | b'\t')
            && head[48..].iter().any(|byte| *byte > b' ')
            && !head.contains(&b'\n')
        {
            return;
        }
        let rest = text[at..].trim_start_matches([' ', '\t']);
        // No line that ends a letter, or signs it, is longer.
        let head = rest.as_bytes().get(..64).map_or(rest, |_| prefix(rest, 64));
        let line = head.split('\n').next().unwrap_or_default().trim_end();
        if line.is_empty() {
            return;
        }
        let was_closing = std::mem::take(&mut self.closing);
        let first = line.as_bytes()[0];
        if was_closing && line.len() < 60 {
            self.signature(line);
        }
        if matches!(first, b'c' | b'C' | b'a' | b'A')
            && let Some((tag, value)) = line.split_once(' ')
            && (tag.eq_ignore_ascii_case("cc") || tag.eq_ignore_ascii_case("attn"))
        {
            self.values(value);
        }
        if line.len() > 48 {
            return;
        }
        let (greeting, name) = line.split_once([',', '!']).unwrap_or((line, ""));
        let mut words = 0;
        let mut last = "";
        for word in greeting.split(' ') {
            words += 1;
            last = word;
        }
        if words <= 4 && words::of_text(last.trim_end_matches(['.', '!', ','])).is_closing() {
            match name.trim() {
                "" => self.closing = true,
                name => self.signature(name),
            }
        }
    }

    fn signature(&mut self, line: &str) {
        let name = line.split([',', '(', '|', '–']).next().unwrap_or_default();
        let name = name
            .trim()
            .trim_start_matches(['-', '—', '–', ' '])
            .trim_end_matches('.');
        let words: Vec<&str> = name.split_whitespace().take(6).collect();
        let one = words.len() == 1;
        let ordinary = one && words::of_text(name).is_ordinary();
        if !ordinary && name.chars().count() >= 3 && looks_like_name(&words, 1) {
            self.learn(name);
        }
    }

    fn learn(&mut self, name: &str) {
        if self.learnt > MAX_LEARNT {
            return;
        }
        self.learnt += 1;
        self.learner.name(RemovalKind::Name, name);
    }

    /// What stands around the sign of addresses and tags.
    fn at(&mut self, text: &str, at: usize) {
        let Some(email) = patterns::email(text, at.saturating_sub(160).max(floor(text, at)), at, 1)
        else {
            // "@author Wren Halloway".
            let behind = &text[at + 1..];
            let end = behind
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .unwrap_or(behind.len());
            if end <= 24 && behind[end..].starts_with(' ') && is_label(&behind[..end]) {
                self.values(&behind[end..]);
            }
            return;
        };
        self.local_part(&text[email.range.start..at]);
        let before = &text[floor(text, email.range.start)..email.range.start];
        let before = before.strip_suffix("mailto:").unwrap_or(before);
        let Some(name) = before.strip_suffix(['<', '(', '[']) else {
            return;
        };
        let name = name.trim_end().trim_end_matches(['"', '\'', '”']);
        let start = name
            .rfind([
                ',', ';', ':', '\n', '<', '>', '(', ')', '"', '\'', '“', '|', '/', '.',
            ])
            .map_or(0, |index| {
                index + name[index..].chars().next().map_or(1, char::len_utf8)
            });
        let mut words: Vec<&str> = Vec::new();
        for word in name[start..].split_whitespace().rev().take(5) {
            let small = word.starts_with(char::is_lowercase);
            if small && !words::of_text(word).is_particle() {
                break;
            }
            words.insert(0, word);
        }
        if looks_like_name(&words, 2) {
            self.learn(&words.join(" "));
        }
    }

    /// "wren.halloway" of an address.
    fn local_part(&mut self, user: &str) {
        let user = user.split('+').next().unwrap_or_default();
        let words: Vec<&str> = user.split(['.', '_']).take(5).collect();
        let fits = (2..=3).contains(&words.len())
            && words.iter().all(|word| {
                word.chars().all(char::is_alphabetic) && !words::of_text(word).is_no_person()
            })
            && words.first().is_some_and(|it| it.len() > 1)
            && words.last().is_some_and(|it| it.len() > 2);
        if fits && self.learnt <= MAX_LEARNT {
            self.learnt += 1;
            self.learner.full_name(&words);
        }
    }

    /// The people in the value of a label, as far as they look like people.
    fn values(&mut self, text: &str) {
        if self.learnt > MAX_LEARNT {
            return;
        }
        let text = prefix(text, MAX_VALUE);
        let text = text.trim_start_matches(|sign: char| {
            sign.is_whitespace() && sign != '\n'
                || matches!(sign, '"' | '\'' | '*' | '“' | '[' | '`')
        });
        let line = text
            .split(['\n', '|', '\t', '。'])
            .next()
            .unwrap_or_default();
        if let Some(handle) = line.strip_prefix('@')
            && let Some(handle) = handle.split([' ', ',', ';', ')']).next()
            && handle.starts_with(char::is_lowercase)
        {
            self.learnt += 1;
            self.learner.id(handle.trim_end_matches(['.', ':']));
            return;
        }
        // "Halloway, Wren" is one person, "Wren Halloway, Mara Lowe" are two.
        if let Some((family, given)) = line.split_once(", ")
            && !family.contains(' ')
            && let words = [leading(given, 2), leading(family, 2)].concat()
            && words.len() == 2
            && looks_like_name(&words, 2)
        {
            self.learn(&words.join(" "));
            return;
        }
        let mut rest = line;
        for _ in 0..20 {
            let value = rest.trim_start_matches(|sign: char| {
                sign.is_whitespace()
                    || matches!(
                        sign,
                        ',' | ';'
                            | '&'
                            | '/'
                            | '、'
                            | '，'
                            | '"'
                            | '\''
                            | '@'
                            | '“'
                            | '-'
                            | '–'
                            | '['
                            | ']'
                    )
            });
            if value.is_empty() {
                return;
            }
            if value.starts_with(|first| {
                fold::shape(first) == Shape::Wide || fold::shape(first) == Shape::Katakana
            }) {
                self.wide_value(value);
            } else {
                let words = leading(value, 6);
                if looks_like_name(&words, 2) {
                    self.learn(&words.join(" "));
                }
            }
            // The next person of the list.
            let Some(next) = value.find([',', ';', '&', '/', '、', '，']).or_else(|| {
                [" and ", " und ", " et ", " y ", " e "]
                    .iter()
                    .filter_map(|and| value.find(and))
                    .min()
            }) else {
                return;
            };
            rest = &value[next..];
            rest = rest
                .strip_prefix(" and ")
                .or_else(|| rest.strip_prefix(" und "))
                .or_else(|| rest.strip_prefix(" et "))
                .or_else(|| rest.strip_prefix(" y "))
                .or_else(|| rest.strip_prefix(" e "))
                .unwrap_or(rest);
        }
    }

    /// A name of a script without blanks.
    fn wide_value(&mut self, value: &str) {
        const NOBODY: &[&str] = &[
            "未定",
            "なし",
            "無し",
            "无",
            "待定",
            "暂无",
            "暫無",
            "未設定",
            "全員",
            "同上",
            "미정",
            "없음",
            "全体",
            "各自",
            "不明",
            "团队",
            "空白",
        ];
        const GROUPS: &[char] = &[
            '部', '課', '科', '组', '組', '室', '係', '社', '司', '局', '処', '处', '處', '団',
            '会', '班', '者', '팀', '부', '실', '人', '院', '所',
        ];
        let mut letters = 0;
        let mut blanks = 0;
        let mut end = value.len();
        for (index, letter) in value.char_indices() {
            match fold::shape(letter) {
                Shape::Wide | Shape::Katakana => letters += 1,
                Shape::Mark => {}
                _ if matches!(letter, ' ' | '　' | '・' | '·') && blanks == 0 => blanks += 1,
                _ => {
                    end = index;
                    break;
                }
            }
        }
        let name = value[..end].trim_end();
        let name = ["さん", "様", "氏", "님", "씨", "先生"]
            .iter()
            .find_map(|it| name.strip_suffix(it))
            .unwrap_or(name)
            .trim_end();
        let hiragana = name.chars().all(|it| matches!(it, '\u{3041}'..='\u{3096}'));
        let fits = if blanks > 0 { 2..=12 } else { 2..=4 };
        let is_name = fits.contains(&letters)
            && !hiragana
            && !NOBODY.iter().any(|it| name.starts_with(it))
            && !name.ends_with(GROUPS)
            && !name.ends_with("チーム");
        if is_name {
            self.learnt += 1;
            self.learner.name(RemovalKind::Mention, name);
        }
    }
}

/// Bytes that may give somebody away.
const SIGNS: [bool; 256] = {
    let mut signs = [false; 256];
    let mut index = 0;
    let list = b"\n:=@y\xEF";
    while index < list.len() {
        signs[list[index] as usize] = true;
        index += 1;
    }
    signs
};

/// At most so many bytes of a text.
fn prefix(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where a look back from `at` begins at the earliest.
fn floor(text: &str, at: usize) -> usize {
    let mut start = at.saturating_sub(160);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    start
}

/// The words at the start of a value that may be one name: with capitals, but for particles.
fn leading(value: &str, most: usize) -> Vec<&str> {
    let end = value
        .find([
            ',', ';', '(', '<', '[', '"', '”', '&', '/', ':', '\n', '、', '，', '（', '|', '!', '?',
        ])
        .unwrap_or(value.len());
    let mut found: Vec<&str> = Vec::new();
    for word in value[..end].split_whitespace().take(most + 1) {
        let bare = word.trim_end_matches(['\'', '*', '`', ')', ']']);
        let is_initial = bare.len() <= 3 && bare.ends_with('.');
        let known = words::of_text(bare);
        if bare.starts_with(char::is_lowercase) && !known.is_particle()
            || known.is_and() && bare.starts_with(char::is_lowercase)
        {
            break;
        }
        if bare.is_empty() || matches!(bare, "-" | "–" | "—") {
            break;
        }
        found.push(if is_initial {
            bare
        } else {
            bare.trim_end_matches('.')
        });
        // A full stop ends the value, but not behind an initial or a title.
        let is_quoted = bare.len() < word.len();
        if is_quoted || bare.ends_with('.') && !is_initial && !known.is_title() {
            break;
        }
    }
    while found
        .last()
        .is_some_and(|word| word.starts_with(char::is_lowercase))
    {
        found.pop();
    }
    found.retain(|word| {
        let known = words::of_text(word);
        !known.is_title() && !known.is_suffix()
    });
    found
}

/// Whether all of a text is a label: "Owner", "Created by", "Points of contact".
fn is_label(text: &str) -> bool {
    let text = text
        .trim_end_matches("(s)")
        .trim_end_matches("(in)")
        .trim_end();
    let Some(last) = text.split([' ', '-', '_']).next_back() else {
        return false;
    };
    let word = word_of(last);
    let count = text.split_whitespace().count();
    word.is_label() && count <= 4 || word.is_by() && count > 1 && count <= 4
}

/// The last word before the sign of a label, behind quotes and brackets.
fn label_before(text: &str, at: usize) -> Option<Word> {
    let before = text.get(floor(text, at)..at)?;
    let before = before.trim_end_matches([' ', '"', '\'', '*', '`', ']']);
    let before = before
        .strip_suffix("(s)")
        .or_else(|| before.strip_suffix("(in)"))
        .unwrap_or(before);
    let is_letter = |letter: &(usize, char)| fold::is_word(letter.1);
    let first = before
        .char_indices()
        .rev()
        .take(24)
        .take_while(is_letter)
        .last()?
        .0;
    Some(word_of(&before[first..]))
}

/// What is known of a word, in which capitals begin no new one.
fn word_of(word: &str) -> Word {
    if word.is_ascii() {
        let hash = word
            .chars()
            .fold(SEED, |hash, letter| step(hash, letter.to_ascii_lowercase()));
        return words::by_hash(hash);
    }
    let mut token = Token::new();
    let end = token.read(word, 0);
    if end == word.len() {
        words::of(&token)
    } else {
        words::of_text(word)
    }
}

/// Whether the last word of a text says that something was done.
fn is_participle(text: &str) -> bool {
    let word = text.trim_end_matches([' ', '-']);
    let start = word
        .rfind(|letter: char| !letter.is_ascii_alphabetic())
        .map_or(0, |index| {
            index + word[index..].chars().next().map_or(1, char::len_utf8)
        });
    let word = &word[start..];
    (3..=16).contains(&word.len())
        && (word.ends_with("ed")
            || matches!(
                word.to_ascii_lowercase().as_str(),
                "written" | "made" | "led" | "run" | "off" | "drawn" | "given" | "done"
            ))
}
