//! What abbreviations and signs are called in the languages that have tables.

/// When an abbreviation means its words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Wherever it stands.
    Always,
    /// Likewise; a full stop behind it may end a sentence as well.
    Last,
    /// Before a number.
    BeforeNumber,
    /// Behind a number; a full stop behind it may end a sentence as well.
    AfterNumber,
    /// Behind a number, in a language whose nouns have capitals, so that none tells a new sentence.
    BeforeNoun,
}

use When::{AfterNumber, Always, BeforeNoun, BeforeNumber, Last};

/// The words of one language.
pub(super) struct Words {
    pub and: &'static str,
    pub number: &'static str,
    pub section: &'static str,
    pub at_least: &'static str,
    pub at_most: &'static str,
    pub not_equal: &'static str,
    pub about: &'static str,
    pub plus_or_minus: &'static str,
    /// Between the sides of a picture, and between factors.
    pub by: &'static str,
    pub times: &'static str,
    /// Between numbers, and between steps, that an arrow parts.
    pub to: &'static str,
    pub then: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub green: &'static str,
    pub yellow: &'static str,
    pub red: &'static str,
    /// Those that begin alike: the longer first; of the same, the choosier first.
    pub abbreviations: &'static [Abbreviation],
    /// By how many bytes stand before their first sign, the letters that they begin with, as bits.
    pub heads: Heads,
}

/// As it is written, what it means, and when.
pub(super) type Abbreviation = (&'static str, &'static str, When);

/// See [`Words::heads`].
pub(super) type Heads = [u32; 9];

/// The heads of abbreviations, computed when the crate is compiled: most words before a full stop
/// are seen to be none by a look at their first letter.
#[allow(clippy::indexing_slicing)] // In bounds: runs when the crate is compiled.
const fn heads(abbreviations: &[Abbreviation]) -> Heads {
    let mut heads = [0; 9];
    let mut index = 0;
    while index < abbreviations.len() {
        let short = abbreviations[index].0.as_bytes();
        let mut start = 0;
        let mut at = 0;
        while at < short.len() {
            match short[at] {
                // Of "ad es." the second word is looked at.
                b' ' => start = at + 1,
                b'.' | b'/' | 0xC2 => break,
                _ => {}
            }
            at += 1;
        }
        // "vs" and "aka" are looked at from within.
        if at < short.len() {
            heads[at - start] |= 1 << (short[start].to_ascii_lowercase() - b'a');
        }
        index += 1;
    }
    heads
}

impl Words {
    /// The words of a language by its ISO 639-1 code. English where the language is not known, as
    /// is all that is said of a page; none where it is known and has no table.
    pub(super) fn of(language: Option<&str>) -> Option<&'static Self> {
        match language {
            None | Some("en") => Some(&ENGLISH),
            Some("de") => Some(&GERMAN),
            Some("fr") => Some(&FRENCH),
            Some("es") => Some(&SPANISH),
            Some("it") => Some(&ITALIAN),
            Some("pt") => Some(&PORTUGUESE),
            Some("nl") => Some(&DUTCH),
            Some(_) => None,
        }
    }
}

const ENGLISH_ABBREVIATIONS: &[Abbreviation] = &[
    ("e.g.", "for example", Always),
    ("e. g.", "for example", Always),
    ("i.e.", "that is", Always),
    ("i. e.", "that is", Always),
    ("etc.", "and so on", Last),
    ("vs.", "versus", Always),
    ("vs", "versus", Always),
    ("w/o", "without", Always),
    ("w/", "with", Always),
    ("b/c", "because", Always),
    ("a.k.a.", "also known as", Always),
    ("aka", "also known as", Always),
    ("approx.", "approximately", Always),
    ("incl.", "including", Always),
    ("excl.", "excluding", Always),
    ("resp.", "respectively", Last),
    ("esp.", "especially", Always),
    ("viz.", "namely", Always),
    ("cf.", "compare", Always),
    ("ca.", "about", BeforeNumber),
    ("no.", "number", BeforeNumber),
    ("nos.", "numbers", BeforeNumber),
    ("fig.", "figure", BeforeNumber),
    ("figs.", "figures", BeforeNumber),
    ("sec.", "seconds", AfterNumber),
    ("sec.", "section", BeforeNumber),
    ("ch.", "chapter", BeforeNumber),
    ("vol.", "volume", BeforeNumber),
    ("ver.", "version", BeforeNumber),
    ("ext.", "extension", BeforeNumber),
    ("pp.", "pages", BeforeNumber),
    ("p.", "page", BeforeNumber),
    ("min.", "minutes", AfterNumber),
    ("mins.", "minutes", AfterNumber),
    ("min.", "minimum", Always),
    ("max.", "maximum", Always),
    ("avg.", "average", Always),
    ("secs.", "seconds", AfterNumber),
    ("hrs.", "hours", AfterNumber),
    ("hr.", "hours", AfterNumber),
    ("yrs.", "years", AfterNumber),
    ("dept.", "department", Always),
    ("depts.", "departments", Always),
    ("mgmt.", "management", Always),
    ("qty.", "quantity", Always),
    ("govt.", "government", Always),
    ("asst.", "assistant", Always),
];

static ENGLISH: Words = Words {
    and: "and",
    number: "number",
    section: "section",
    at_least: "at least",
    at_most: "at most",
    not_equal: "not equal to",
    about: "about",
    plus_or_minus: "plus or minus",
    by: "by",
    times: "times",
    to: "to",
    then: "then",
    yes: "yes",
    no: "no",
    green: "green",
    yellow: "yellow",
    red: "red",
    abbreviations: ENGLISH_ABBREVIATIONS,
    heads: heads(ENGLISH_ABBREVIATIONS),
};

const GERMAN_ABBREVIATIONS: &[Abbreviation] = &[
    ("z. B.", "zum Beispiel", Always),
    ("z.B.", "zum Beispiel", Always),
    ("z. T.", "zum Teil", Always),
    ("z.T.", "zum Teil", Always),
    ("d. h.", "das heißt", Always),
    ("d.h.", "das heißt", Always),
    ("u. a.", "unter anderem", Always),
    ("u.a.", "unter anderem", Always),
    ("u. U.", "unter Umständen", Always),
    ("u.U.", "unter Umständen", Always),
    ("i. d. R.", "in der Regel", Always),
    ("i.d.R.", "in der Regel", Always),
    ("s. o.", "siehe oben", Last),
    ("s.o.", "siehe oben", Last),
    ("s. u.", "siehe unten", Last),
    ("s.u.", "siehe unten", Last),
    ("o. Ä.", "oder Ähnliches", Last),
    ("o.Ä.", "oder Ähnliches", Last),
    ("usw.", "und so weiter", Last),
    ("etc.", "et cetera", Last),
    ("ca.", "circa", Always),
    ("bzw.", "beziehungsweise", Always),
    ("bspw.", "beispielsweise", Always),
    ("inkl.", "inklusive", Always),
    ("exkl.", "exklusive", Always),
    ("ggf.", "gegebenenfalls", Always),
    ("evtl.", "eventuell", Always),
    ("vgl.", "vergleiche", Always),
    ("zzgl.", "zuzüglich", Always),
    ("abzgl.", "abzüglich", Always),
    ("mind.", "mindestens", Always),
    ("max.", "maximal", Always),
    ("min.", "Minuten", BeforeNoun),
    ("min.", "minimal", Always),
    ("sek.", "Sekunden", BeforeNoun),
    ("std.", "Stunden", BeforeNoun),
    ("mio.", "Millionen", BeforeNoun),
    ("mrd.", "Milliarden", BeforeNoun),
    ("nr.", "Nummer", BeforeNumber),
    ("abb.", "Abbildung", BeforeNumber),
    ("kap.", "Kapitel", BeforeNumber),
    ("abs.", "Absatz", BeforeNumber),
    ("art.", "Artikel", BeforeNumber),
    ("s.", "Seite", BeforeNumber),
];

static GERMAN: Words = Words {
    and: "und",
    number: "Nummer",
    section: "Paragraf",
    at_least: "mindestens",
    at_most: "höchstens",
    not_equal: "ungleich",
    about: "etwa",
    plus_or_minus: "plus oder minus",
    by: "mal",
    times: "mal",
    to: "auf",
    then: "dann",
    yes: "ja",
    no: "nein",
    green: "grün",
    yellow: "gelb",
    red: "rot",
    abbreviations: GERMAN_ABBREVIATIONS,
    heads: heads(GERMAN_ABBREVIATIONS),
};

const FRENCH_ABBREVIATIONS: &[Abbreviation] = &[
    ("p. ex.", "par exemple", Always),
    ("p.ex.", "par exemple", Always),
    ("c.-à-d.", "c'est-à-dire", Always),
    ("c. à d.", "c'est-à-dire", Always),
    ("c.à.d.", "c'est-à-dire", Always),
    ("etc.", "et cetera", Last),
    ("env.", "environ", Always),
    ("cf.", "voir", Always),
    ("vs.", "contre", Always),
    ("vs", "contre", Always),
    ("max.", "maximum", Always),
    ("min.", "minutes", AfterNumber),
    ("min.", "minimum", Always),
    ("n°", "numéro", BeforeNumber),
    ("nº", "numéro", BeforeNumber),
    ("fig.", "figure", BeforeNumber),
    ("chap.", "chapitre", BeforeNumber),
    ("art.", "article", BeforeNumber),
    ("vol.", "volume", BeforeNumber),
    ("p.", "page", BeforeNumber),
];

static FRENCH: Words = Words {
    and: "et",
    number: "numéro",
    section: "section",
    at_least: "au moins",
    at_most: "au plus",
    not_equal: "différent de",
    about: "environ",
    plus_or_minus: "plus ou moins",
    by: "sur",
    times: "fois",
    to: "à",
    then: "puis",
    yes: "oui",
    no: "non",
    green: "vert",
    yellow: "jaune",
    red: "rouge",
    abbreviations: FRENCH_ABBREVIATIONS,
    heads: heads(FRENCH_ABBREVIATIONS),
};

const SPANISH_ABBREVIATIONS: &[Abbreviation] = &[
    ("p. ej.", "por ejemplo", Always),
    ("p.ej.", "por ejemplo", Always),
    ("etc.", "etcétera", Last),
    ("aprox.", "aproximadamente", Always),
    ("máx.", "máximo", Always),
    ("mín.", "mínimo", Always),
    ("min.", "minutos", AfterNumber),
    ("vs.", "contra", Always),
    ("vs", "contra", Always),
    ("n.º", "número", BeforeNumber),
    ("n.°", "número", BeforeNumber),
    ("nº", "número", BeforeNumber),
    ("n°", "número", BeforeNumber),
    ("núm.", "número", BeforeNumber),
    ("fig.", "figura", BeforeNumber),
    ("cap.", "capítulo", BeforeNumber),
    ("art.", "artículo", BeforeNumber),
    ("vol.", "volumen", BeforeNumber),
    ("págs.", "páginas", BeforeNumber),
    ("pág.", "página", BeforeNumber),
];

static SPANISH: Words = Words {
    and: "y",
    number: "número",
    section: "sección",
    at_least: "al menos",
    at_most: "como máximo",
    not_equal: "distinto de",
    about: "unos",
    plus_or_minus: "más o menos",
    by: "por",
    times: "por",
    to: "a",
    then: "luego",
    yes: "sí",
    no: "no",
    green: "verde",
    yellow: "amarillo",
    red: "rojo",
    abbreviations: SPANISH_ABBREVIATIONS,
    heads: heads(SPANISH_ABBREVIATIONS),
};

const ITALIAN_ABBREVIATIONS: &[Abbreviation] = &[
    ("ad es.", "ad esempio", Always),
    ("p. es.", "per esempio", Always),
    ("p.es.", "per esempio", Always),
    ("ecc.", "eccetera", Last),
    ("ca.", "circa", Always),
    ("cfr.", "confronta", Always),
    ("max.", "massimo", Always),
    ("min.", "minuti", AfterNumber),
    ("min.", "minimo", Always),
    ("n°", "numero", BeforeNumber),
    ("nº", "numero", BeforeNumber),
    ("n.", "numero", BeforeNumber),
    ("fig.", "figura", BeforeNumber),
    ("cap.", "capitolo", BeforeNumber),
    ("art.", "articolo", BeforeNumber),
    ("vol.", "volume", BeforeNumber),
    ("pag.", "pagina", BeforeNumber),
];

static ITALIAN: Words = Words {
    and: "e",
    number: "numero",
    section: "paragrafo",
    at_least: "almeno",
    at_most: "al massimo",
    not_equal: "diverso da",
    about: "circa",
    plus_or_minus: "più o meno",
    by: "per",
    times: "per",
    to: "a",
    then: "poi",
    yes: "sì",
    no: "no",
    green: "verde",
    yellow: "giallo",
    red: "rosso",
    abbreviations: ITALIAN_ABBREVIATIONS,
    heads: heads(ITALIAN_ABBREVIATIONS),
};

const PORTUGUESE_ABBREVIATIONS: &[Abbreviation] = &[
    ("p. ex.", "por exemplo", Always),
    ("p.ex.", "por exemplo", Always),
    ("etc.", "et cetera", Last),
    ("aprox.", "aproximadamente", Always),
    ("máx.", "máximo", Always),
    ("mín.", "mínimo", Always),
    ("min.", "minutos", AfterNumber),
    ("n.º", "número", BeforeNumber),
    ("n.°", "número", BeforeNumber),
    ("nº", "número", BeforeNumber),
    ("n°", "número", BeforeNumber),
    ("fig.", "figura", BeforeNumber),
    ("cap.", "capítulo", BeforeNumber),
    ("art.", "artigo", BeforeNumber),
    ("vol.", "volume", BeforeNumber),
    ("pág.", "página", BeforeNumber),
];

static PORTUGUESE: Words = Words {
    and: "e",
    number: "número",
    section: "seção",
    at_least: "pelo menos",
    at_most: "no máximo",
    not_equal: "diferente de",
    about: "cerca de",
    plus_or_minus: "mais ou menos",
    by: "por",
    times: "vezes",
    to: "para",
    then: "depois",
    yes: "sim",
    no: "não",
    green: "verde",
    yellow: "amarelo",
    red: "vermelho",
    abbreviations: PORTUGUESE_ABBREVIATIONS,
    heads: heads(PORTUGUESE_ABBREVIATIONS),
};

const DUTCH_ABBREVIATIONS: &[Abbreviation] = &[
    ("bijv.", "bijvoorbeeld", Always),
    ("bv.", "bijvoorbeeld", Always),
    ("d.w.z.", "dat wil zeggen", Always),
    ("o.a.", "onder andere", Always),
    ("m.b.t.", "met betrekking tot", Always),
    ("t.o.v.", "ten opzichte van", Always),
    ("i.p.v.", "in plaats van", Always),
    ("i.v.m.", "in verband met", Always),
    ("t/m", "tot en met", Always),
    ("enz.", "enzovoort", Last),
    ("etc.", "et cetera", Last),
    ("ca.", "circa", Always),
    ("evt.", "eventueel", Always),
    ("incl.", "inclusief", Always),
    ("excl.", "exclusief", Always),
    ("max.", "maximaal", Always),
    ("min.", "minuten", AfterNumber),
    ("min.", "minimaal", Always),
    ("nr.", "nummer", BeforeNumber),
    ("fig.", "figuur", BeforeNumber),
    ("art.", "artikel", BeforeNumber),
    ("blz.", "pagina", BeforeNumber),
];

static DUTCH: Words = Words {
    and: "en",
    number: "nummer",
    section: "paragraaf",
    at_least: "ten minste",
    at_most: "ten hoogste",
    not_equal: "niet gelijk aan",
    about: "ongeveer",
    plus_or_minus: "plus of min",
    by: "bij",
    times: "keer",
    to: "naar",
    then: "dan",
    yes: "ja",
    no: "nee",
    green: "groen",
    yellow: "geel",
    red: "rood",
    abbreviations: DUTCH_ABBREVIATIONS,
    heads: heads(DUTCH_ABBREVIATIONS),
};
