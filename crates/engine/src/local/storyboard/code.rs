//! Which lines of a script are code, since a script does not mark them, and what kind of letters
//! a line of code is made of. Guesses by looks alone; nothing is parsed.

use super::lines::{is_row, list_item};

/// For each line, whether it is code. Lines that no empty line parts are all code if a third of
/// them is: a script's paragraphs are single lines, while code keeps its own.
pub(super) fn code_blocks(text: &str) -> Vec<bool> {
    let lines: Vec<&str> = text.lines().collect();
    let plain = |line: &str| list_item(line).is_none() && !is_row(line.trim());
    let mut code = vec![false; lines.len()];
    let mut start = 0;
    while start < lines.len() {
        let rest = lines.get(start..).unwrap_or_default();
        let length = rest
            .iter()
            .take_while(|line| !line.trim().is_empty())
            .count();
        let block = rest.get(..length).unwrap_or_default();
        let alike: Vec<bool> = block
            .iter()
            .map(|line| plain(line) && looks_like_code(line))
            .collect();
        let count = alike.iter().filter(|code| **code).count();
        let whole =
            length > 1 && count * 3 >= length && block.iter().all(|line| list_item(line).is_none());
        for (at, (alike, line)) in alike.into_iter().zip(block).enumerate() {
            if let Some(code) = code.get_mut(start + at) {
                *code = alike || (whole && plain(line));
            }
        }
        start += length + 1;
    }
    code
}

/// Whether an unmarked line is code: it ends like code, or has two of code's habits.
pub(super) fn looks_like_code(line: &str) -> bool {
    let text = line.trim();
    if text.ends_with(['{', '}', ';']) && !text.contains(". ")
        || text.starts_with("$ ")
        || text.starts_with("#!")
    {
        return true;
    }
    let habits = [
        "()", "](", "::", "=>", "->", " = ", "==", "\": ", "</", "{\"", "fn ", "def ", "const ",
        "import ", "SELECT ", " && ", " | ", "$(", "=$",
    ];
    // Options and variables of a shell.
    let marked = |mark: &str, next: fn(char) -> bool| {
        let mut words = text
            .split_whitespace()
            .filter_map(|word| word.strip_prefix(mark));
        words.any(|rest| rest.starts_with(next))
    };
    let shell = usize::from(marked("--", char::is_alphabetic))
        + usize::from(marked("$", |c| c.is_alphabetic() || "({".contains(c)));
    let found = shell + habits.iter().filter(|habit| text.contains(**habit)).count();
    let symbols = text
        .chars()
        .filter(|c| "{}()[]<>=;|&$\\_\"'/".contains(*c))
        .count();
    found >= 2
        || (found == 1 && symbols * 6 > text.chars().count())
        || (line.starts_with("    ") && symbols * 8 > text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_not_code() {
        for line in [
            "We ship it (soon).",
            "Costs are 3 = three.",
            "Read/write access: yes",
            "A – B → C is the way.",
        ] {
            assert!(!looks_like_code(line), "{line}");
        }
        for line in [
            "cargo run -- --once | tee out && echo $x",
            "const a = b();",
            "{\"key\": \"value\"}",
            "$ make",
            "billingctl release start --version $RELEASE",
        ] {
            assert!(looks_like_code(line), "{line}");
        }
    }
}
