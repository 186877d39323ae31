//! References to characters: the 253 names of XHTML 1.0 and numbers, as browsers read them. What is
//! no reference stays as it is written. A document's own declarations are not read, so that no
//! reference can ever stand for more than one character.

use std::borrow::Cow;

/// The names and their characters, in order of the names: one text, because a table of pointers
/// would be four times the size in the app's wasm.
const NAMED: &str = "\
    AElig Æ;Aacute Á;Acirc Â;Agrave À;Alpha Α;Aring Å;Atilde Ã;Auml Ä;Beta Β;Ccedil Ç;Chi Χ;\
    Dagger ‡;Delta Δ;ETH Ð;Eacute É;Ecirc Ê;Egrave È;Epsilon Ε;Eta Η;Euml Ë;Gamma Γ;Iacute Í;\
    Icirc Î;Igrave Ì;Iota Ι;Iuml Ï;Kappa Κ;Lambda Λ;Mu Μ;Ntilde Ñ;Nu Ν;OElig Œ;Oacute Ó;Ocirc Ô;\
    Ograve Ò;Omega Ω;Omicron Ο;Oslash Ø;Otilde Õ;Ouml Ö;Phi Φ;Pi Π;Prime ″;Psi Ψ;Rho Ρ;Scaron Š;\
    Sigma Σ;THORN Þ;Tau Τ;Theta Θ;Uacute Ú;Ucirc Û;Ugrave Ù;Upsilon Υ;Uuml Ü;Xi Ξ;Yacute Ý;\
    Yuml Ÿ;Zeta Ζ;aacute á;acirc â;acute ´;aelig æ;agrave à;alefsym ℵ;alpha α;amp &;and ∧;ang ∠;\
    apos ';aring å;asymp ≈;atilde ã;auml ä;bdquo „;beta β;brvbar ¦;bull •;cap ∩;ccedil ç;\
    cedil ¸;cent ¢;chi χ;circ ˆ;clubs ♣;cong ≅;copy ©;crarr ↵;cup ∪;curren ¤;dArr ⇓;dagger †;\
    darr ↓;deg °;delta δ;diams ♦;divide ÷;eacute é;ecirc ê;egrave è;empty ∅;emsp \u{2003};\
    ensp \u{2002};epsilon ε;equiv ≡;eta η;eth ð;euml ë;euro €;exist ∃;fnof ƒ;forall ∀;frac12 ½;\
    frac14 ¼;frac34 ¾;frasl ⁄;gamma γ;ge ≥;gt >;hArr ⇔;harr ↔;hearts ♥;hellip …;iacute í;\
    icirc î;iexcl ¡;igrave ì;image ℑ;infin ∞;int ∫;iota ι;iquest ¿;isin ∈;iuml ï;kappa κ;lArr ⇐;\
    lambda λ;lang 〈;laquo «;larr ←;lceil ⌈;ldquo “;le ≤;lfloor ⌊;lowast ∗;loz ◊;lrm \u{200e};\
    lsaquo ‹;lsquo ‘;lt <;macr ¯;mdash —;micro µ;middot ·;minus −;mu μ;nabla ∇;nbsp \u{a0};\
    ndash –;ne ≠;ni ∋;not ¬;notin ∉;nsub ⊄;ntilde ñ;nu ν;oacute ó;ocirc ô;oelig œ;ograve ò;\
    oline ‾;omega ω;omicron ο;oplus ⊕;or ∨;ordf ª;ordm º;oslash ø;otilde õ;otimes ⊗;ouml ö;\
    para ¶;part ∂;permil ‰;perp ⊥;phi φ;pi π;piv ϖ;plusmn ±;pound £;prime ′;prod ∏;prop ∝;psi ψ;\
    quot \";rArr ⇒;radic √;rang 〉;raquo »;rarr →;rceil ⌉;rdquo ”;real ℜ;reg ®;rfloor ⌋;rho ρ;\
    rlm \u{200f};rsaquo ›;rsquo ’;sbquo ‚;scaron š;sdot ⋅;sect §;shy \u{ad};sigma σ;sigmaf ς;\
    sim ∼;spades ♠;sub ⊂;sube ⊆;sum ∑;sup ⊃;sup1 ¹;sup2 ²;sup3 ³;supe ⊇;szlig ß;tau τ;there4 ∴;\
    theta θ;thetasym ϑ;thinsp \u{2009};thorn þ;tilde ˜;times ×;trade ™;uArr ⇑;uacute ú;uarr ↑;\
    ucirc û;ugrave ù;uml ¨;upsih ϒ;upsilon υ;uuml ü;weierp ℘;xi ξ;yacute ý;yen ¥;yuml ÿ;zeta ζ;\
    zwj \u{200d};zwnj \u{200c};";

/// The longest name, `thetasym`, has fewer bytes; numbers may be padded with zeros.
const LONGEST: usize = 16;

/// What browsers read for the numbers 128 to 159, which Windows used for these characters.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The character of the reference that a text begins with, and the reference's length in bytes.
/// In words, the older names count without their `;` as well; in addresses they do not.
pub(super) fn reference(text: &str, in_words: bool) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    let is_number = bytes.get(1) == Some(&b'#');
    let start = if is_number { 2 } else { 1 };
    let name = bytes
        .iter()
        .skip(start)
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let end = start + name;
    let name = text.get(start..end)?;
    let ended = bytes.get(end) == Some(&b';');
    let length = end + usize::from(ended);
    if is_number {
        return Some((numbered(name)?, length));
    }
    let character = named(name)?;
    let is_old = character <= '\u{ff}' && name != "apos";
    (ended || in_words && is_old).then_some((character, length))
}

fn numbered(digits: &str) -> Option<char> {
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let number = match number {
        Ok(number) => number,
        Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => u32::MAX,
        Err(_) => return None,
    };
    Some(match number {
        0 => char::REPLACEMENT_CHARACTER,
        0x80..=0x9f => WINDOWS.chars().nth(number as usize - 0x80)?,
        // Halves of surrogate pairs and what lies beyond Unicode.
        _ => char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER),
    })
}

fn named(name: &str) -> Option<char> {
    // Those that nearly every page has, and many times.
    match name {
        "nbsp" => return Some('\u{a0}'),
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        _ => {}
    }
    // The part of the table that may still hold the name; it begins and ends at an entry.
    let mut table = NAMED;
    while !table.is_empty() {
        let half = table.len() / 2;
        let start = table.as_bytes()[..half]
            .iter()
            .rposition(|byte| *byte == b';')
            .map_or(0, |index| index + 1);
        // No character of the table but the separators is a `;` or a blank.
        let (entry, after) = table.get(start..)?.split_once(';')?;
        let (known, character) = entry.split_once(' ')?;
        match name.as_bytes().cmp(known.as_bytes()) {
            std::cmp::Ordering::Equal => return character.chars().next(),
            std::cmp::Ordering::Less => table = &table[..start],
            std::cmp::Ordering::Greater => table = after,
        }
    }
    None
}

/// A text with its references resolved.
pub(super) fn resolve(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '\0']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    resolve_into(text, false, &mut out);
    Cow::Owned(out)
}

/// Appends a text with its references resolved.
pub(super) fn resolve_into(text: &str, in_words: bool, out: &mut String) {
    let mut rest = text;
    while let Some(index) = rest.find(['&', '\0']) {
        out.push_str(&rest[..index]);
        rest = &rest[index..];
        let (character, length) = match reference(rest, in_words) {
            Some(found) => found,
            None if rest.starts_with('&') => ('&', 1),
            None => (char::REPLACEMENT_CHARACTER, 1),
        };
        out.push(character);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found() {
        let mut names = 0;
        let mut last = "";
        for entry in NAMED.split_terminator(';') {
            let (name, character) = entry.split_once(' ').unwrap();
            assert!(last < name, "{name}");
            assert_eq!(named(name), character.chars().next(), "{name}");
            assert_eq!(character.chars().count(), 1, "{name}");
            last = name;
            names += 1;
        }
        assert_eq!(names, 253);
        assert_eq!(WINDOWS.chars().count(), 32);
    }

    #[test]
    fn references_are_read_as_browsers_do() {
        for (written, read) in [
            ("a &lt; b &amp;&amp; c", "a < b && c"),
            ("&Aacute;&aacute;&euro;&apos;&thetasym;", "Áá€'ϑ"),
            ("&#8211;&#x2014;&#150;&#X41;", "–—–A"),
            (
                "&#xD800;&#0;&#x110000;&#99999999999;\0",
                "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
            ),
            (
                "&unknown; &; &#; &#x; &é; AT&T & so&",
                "&unknown; &; &#; &#x; &é; AT&T & so&",
            ),
            ("&lol9;&amp;lol;", "&lol9;&lol;"),
        ] {
            assert_eq!(resolve(written), read, "{written}");
        }
        assert_eq!(resolve("?a=1&copy=2&euro=3"), "?a=1&copy=2&euro=3");
        let mut words = String::new();
        resolve_into("&copy 2024 &euro", true, &mut words);
        assert_eq!(words, "© 2024 &euro");
    }
}
