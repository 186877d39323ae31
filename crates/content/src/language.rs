//! Which language a text is written in: by its script where that decides, else by the words that
//! every sentence of a language is made of. It must never guess: a wrong language makes a narrator
//! unintelligible, no language only leaves the choice to the person.

use crate::model::{Block, Document, Piece};

/// The most bytes of text that are looked at.
const SAMPLE_BYTES: usize = 20_000;
/// After so many bytes it is seen whether the answer is plain already.
const STRIDE_BYTES: usize = 2_000;

/// Latin languages, each with its most frequent function words and, behind them, letters that few
/// others have. Only their hashes reach the program.
const LATIN: [(&str, &str); 27] = [
    (
        "en",
        "the of and to in is that for with are was be this on you it as by from or have an not we can will which has they their if when all your there been would about into more these should",
    ),
    (
        "de",
        "vor jede jedes bis diese dieser hat der die und das den von ist des zu mit im für sich auf dem nicht ein eine auch werden wird es sind bei oder aus einer wenn als wir nach durch an einem nur über kann noch wie zum zur haben sie ß ä ö ü",
    ),
    (
        "fr",
        "avant leurs chaque entre sans fait doit peut deux très le la les de des et est une un du dans en pour que qui pas sur avec au par il ce sont plus nous vous aux cette ou être ne ont mais leur elle ses comme si tout d l qu œ ç è ê",
    ),
    (
        "es",
        "cada tiene donde ha han hasta puede entre si hemos el la los las de y que en un una es se por con para del al no su lo como más pero sus este esta son ya está o cuando muy sin sobre ser también hay todo fue desde ñ ¿ ¡",
    ),
    (
        "it",
        "il di e che la per un una è del in non con della le si da al dei sono alla gli nel i delle come più ma anche lo questo ha ai dalla o se essere questa viene deve sul ò ù ì",
    ),
    (
        "pt",
        "o a de e que do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua ou quando muito nos já também só pelo pela são está isso você ã õ",
    ),
    (
        "nl",
        "de het een van en in is dat op te zijn voor met die niet aan er om ook als maar bij dan wordt door kan worden naar uit nog deze of heeft over wij je hebben tot moet wat geen",
    ),
    (
        "sv",
        "mellan utan innan varje skulle blev kunde och att det i en är som på av för med den till inte har de ett om vi var kan från så men eller ska när under alla efter också vara finns detta måste blir å ä ö",
    ),
    (
        "da",
        "mellem uden inden sig hvad gennem meget blive bruge bruges brug åbne seneste sådan hver hvert skulle blev kunne mange andre nye flere både ved sine der og i at det er en den til på de med af for ikke et har som vi kan fra om var men skal eller også når alle efter være bliver hvis kun hvor dette jeg mere nogle ud æ ø å",
    ),
    (
        "no",
        "mellom uten innen gjennom mye bli bruke brukes bruk åpne siste noe slik hver hvert skulle ble kunne mange andre nye flere både ved sine hva og i det er en på til som av for med at ikke den har de et vi kan fra om var men skal eller også når alle etter være blir hvis bare hvor dette må seg jeg mer noen ut æ ø å",
    ),
    (
        "fi",
        "sitä siihen ennen tulee kanssa joita jokaisen ja on ei se että oli hän mutta ovat kun myös tai niin joka sekä voi jos ole mitä nyt kuin tämä sen tässä voidaan jotka kaikki vain jälkeen mukaan pitää ä ö",
    ),
    (
        "is",
        "og að í er á sem til það við ekki um var með fyrir en hann af þess þetta eða eru verður frá hefur ef þá því verið allar þarf ð þ æ ö",
    ),
    (
        "pl",
        "i w nie na się z do jest to że o jak ale po co tak za od przez dla są oraz może tylko lub już jego tym być które który która ma przed ł ą ę ś ż ń",
    ),
    (
        "cs",
        "a v se na je že to s z do o ve jsou ale jako za by pro po jeho nebo také být které který která k jen podle při když už aby ř ů ě",
    ),
    (
        "sk",
        "a v sa na je že to s z do o vo sú ale ako za by pre po jeho alebo tiež byť ktoré ktorý ktorá k len podľa pri keď už aby ľ ô ŕ ĺ",
    ),
    (
        "hu",
        "a az és hogy nem is egy van meg ezt ez de csak volt vagy mint már kell ha el még azt minden lehet sem után szerint amely akkor kerül ő ű",
    ),
    (
        "ro",
        "și de în la a cu nu este un o pe că se din care mai sau pentru sunt fi ce dar ca prin după această acest fost ale dacă trebuie poate le ș ț ă",
    ),
    (
        "hr",
        "i je u se na da za su od s ne a to o kao ili koji koja koje će bi ali iz samo nakon sve kako biti može prema što ako po bez đ č ć",
    ),
    (
        "sl",
        "in je v na se da za so z ki s ne pa to ali kot bi po tudi iz od ko še le lahko če biti samo pri vse kako ter mora č š ž",
    ),
    (
        "tr",
        "ve bir bu da de için ile çok olarak daha en ne var olan gibi kadar sonra ama veya her ise değil tüm olur yeni mi göre üzere olduğu ğ ş ı",
    ),
    (
        "id",
        "yang dan di ini dengan untuk dari pada adalah tidak dalam akan itu atau juga oleh ke dapat karena ada sebagai saat telah lebih bisa harus kita setelah jika kami semua seperti",
    ),
    (
        "vi",
        "và của là có không được cho trong một các với này đã khi những để từ đến người về cũng như trên phải nếu hoặc sau bạn đ ơ ư ạ ế ộ",
    ),
    (
        "ca",
        "el la els les de i que en un una és per amb del al no es més com però aquest aquesta són ha dels també quan sobre hi pel molt ser està o després",
    ),
    (
        "et",
        "ja on ei et see oma kui ka või mis aga siis ta oli ning seda mida kes pärast peab olema kõik selle saab võib üle ainult õ ä ü",
    ),
    (
        "lv",
        "un ir ar no par kas uz lai pēc kā tiek vai arī bet ja tas to nav šis pie var jo visi tikai pirms jābūt ķ ļ ņ ģ ā ē ī",
    ),
    (
        "lt",
        "ir yra į kad su iš tai kaip už ar bet nuo ne tik taip po jei jis buvo dėl gali būti prie per arba turi visi šis ė ų š",
    ),
    (
        "eu",
        "eta da ez bat du dira egin ere hau dute duen den izan baina edo behar dela beste bere baino oso dago gure guztiak bezala",
    ),
];

/// Slots of the table, almost twice the words so that a chain is short.
const SLOTS: usize = 1_536;
/// What a word is worth that one language alone has; others share it.
const WORD: u32 = 12;
/// What a letter is worth that one language alone has.
const LETTER: u32 = 4;

/// The words by hash: for each slot some bits of the word's hash, and which languages have it as the
/// index of a set. Less than 6 kB.
struct Table {
    tags: [u16; SLOTS],
    sets: [u8; SLOTS],
    languages: [u32; 256],
}

static TABLE: Table = Table::new();

const fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}
const SEED: u32 = 0x811c_9dc5;

/// A slot, and a tag that is never 0, which marks an empty one.
const fn place(hash: u32) -> (usize, u16) {
    let mixed = hash ^ (hash >> 15);
    (mixed as usize % SLOTS, (mixed >> 16) as u16 | 1)
}

impl Table {
    #[allow(clippy::indexing_slicing)] // In bounds: runs when the crate is compiled.
    const fn new() -> Self {
        let mut tags = [0; SLOTS];
        let mut of_slot = [0_u32; SLOTS];
        let mut language = 0;
        while language < LATIN.len() {
            let words = LATIN[language].1.as_bytes();
            let mut hash = SEED;
            let mut index = 0;
            while index <= words.len() {
                if index == words.len() || words[index] == b' ' {
                    let (mut slot, tag) = place(hash);
                    while tags[slot] != 0 && tags[slot] != tag {
                        slot = (slot + 1) % SLOTS;
                    }
                    tags[slot] = tag;
                    of_slot[slot] |= 1 << language;
                    hash = SEED;
                } else {
                    hash = step(hash, words[index]);
                }
                index += 1;
            }
            language += 1;
        }
        let mut table = Self {
            tags,
            sets: [0; SLOTS],
            languages: [0; 256],
        };
        let mut slot = 0;
        let mut known = 0;
        while slot < SLOTS {
            let mut set = 0;
            while of_slot[slot] != 0 && table.languages[set] != of_slot[slot] {
                if set == known {
                    // Out of bounds, and so an error of the compiler, beyond 256 sets.
                    table.languages[set] = of_slot[slot];
                    known += 1;
                } else {
                    set += 1;
                }
            }
            table.sets[slot] = set as u8;
            slot += 1;
        }
        table
    }

    /// The slot of a word and the languages that have it.
    fn find(&self, hash: u32) -> Option<(usize, u32)> {
        let (mut slot, tag) = place(hash);
        loop {
            match *self.tags.get(slot)? {
                0 => return None,
                found if found == tag => {
                    let set = usize::from(*self.sets.get(slot)?);
                    return Some((slot, *self.languages.get(set)?));
                }
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }
}

/// Scripts that decide by themselves, or after a look at their letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    Latin,
    Han,
    Kana,
    Hangul,
    Cyrillic,
    Greek,
    Hebrew,
    Arabic,
    /// A script of one language, by its index in [`ONE_LANGUAGE`].
    One(u8),
    Other,
}

/// Scripts that, on pages of our time, are as good as one language.
const ONE_LANGUAGE: [(u32, u32, &str); 16] = [
    (0x530, 0x58F, "hy"),
    (0x900, 0x97F, "hi"),
    (0x980, 0x9FF, "bn"),
    (0xA00, 0xA7F, "pa"),
    (0xA80, 0xAFF, "gu"),
    (0xB00, 0xB7F, "or"),
    (0xB80, 0xBFF, "ta"),
    (0xC00, 0xC7F, "te"),
    (0xC80, 0xCFF, "kn"),
    (0xD00, 0xD7F, "ml"),
    (0xD80, 0xDFF, "si"),
    (0xE00, 0xE7F, "th"),
    (0xE80, 0xEFF, "lo"),
    (0x1000, 0x109F, "my"),
    (0x10A0, 0x10FF, "ka"),
    (0x1780, 0x17FF, "km"),
];

fn letters_of(character: char) -> Letters {
    match character {
        'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => Letters::Latin,
        '\u{370}'..='\u{3FF}' => Letters::Greek,
        '\u{400}'..='\u{4FF}' => Letters::Cyrillic,
        '\u{590}'..='\u{5FF}' => Letters::Hebrew,
        '\u{600}'..='\u{6FF}' => Letters::Arabic,
        '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}' => Letters::Hangul,
        '\u{3041}'..='\u{30FA}' => Letters::Kana,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => Letters::Han,
        '\u{20000}'..='\u{3FFFF}' => Letters::Han,
        _ => {
            let code = u32::from(character);
            let one = ONE_LANGUAGE
                .iter()
                .position(|(first, last, _)| (*first..=*last).contains(&code));
            match one.and_then(|index| u8::try_from(index).ok()) {
                Some(index) => Letters::One(index),
                None => Letters::Other,
            }
        }
    }
}

/// What was counted.
struct Counts {
    latin: u32,
    han: u32,
    kana: u32,
    hangul: u32,
    cyrillic: u32,
    greek: u32,
    hebrew: u32,
    arabic: u32,
    one: [u32; ONE_LANGUAGE.len()],
    /// Letters that tell languages of one script apart, by their index in [`TELLING`].
    telling: [u32; TELLING.len()],
    /// Latin words.
    words: u32,
    /// Points by language, and words of it that were met.
    points: [u32; LATIN.len()],
    met: [u32; LATIN.len()],
    /// Which slots were met, so that one word over and over is not many.
    seen: [u64; SLOTS / 64],
}

/// Letters that a language has and its neighbours lack.
const TELLING: [(&str, &str); 8] = [
    ("uk", "іїєґ"),
    ("ru", "ыэё"),
    ("bg", "ъщ"),
    ("be", "ў"),
    ("sr", "ђћјљњџ"),
    ("mk", "ѓќѕ"),
    ("fa", "پچژگکی"),
    ("ur", "ٹڈڑےں"),
];

/// The language of a document's prose; listings and titles beside the text are not looked at.
pub(crate) fn of_document(document: &Document) -> Option<&'static str> {
    let mut depth_of_code = 0_u32;
    let mut open = 0_u32;
    let mut prose = document.pieces().filter_map(|piece| match piece {
        Piece::Open(block) => {
            open += 1;
            if depth_of_code == 0 && matches!(block, Block::Code(_)) {
                depth_of_code = open;
            }
            None
        }
        Piece::Close => {
            if open == depth_of_code {
                depth_of_code = 0;
            }
            open = open.saturating_sub(1);
            None
        }
        Piece::Text(text) if depth_of_code == 0 => Some(text),
        Piece::Text(_) | Piece::Person(_) => None,
    });
    detect(&mut prose)
}

/// The language of a text that comes in pieces, as ISO 639-1 code; `None` where it is too short or
/// too mixed to be sure. Looks at the first 20 kB.
pub(crate) fn detect(pieces: &mut dyn Iterator<Item = &str>) -> Option<&'static str> {
    let mut counts = Counts {
        latin: 0,
        han: 0,
        kana: 0,
        hangul: 0,
        cyrillic: 0,
        greek: 0,
        hebrew: 0,
        arabic: 0,
        one: [0; ONE_LANGUAGE.len()],
        telling: [0; TELLING.len()],
        words: 0,
        points: [0; LATIN.len()],
        met: [0; LATIN.len()],
        seen: [0; SLOTS / 64],
    };
    let mut looked_at = 0;
    let mut next_look = STRIDE_BYTES;
    for piece in pieces {
        let mut rest = piece;
        while !rest.is_empty() && looked_at < SAMPLE_BYTES {
            let end = rest.floor_char_boundary(STRIDE_BYTES.min(SAMPLE_BYTES - looked_at));
            let (now, later) = rest.split_at(end);
            if now.is_empty() {
                return counts.verdict();
            }
            counts.count(now);
            looked_at += now.len();
            rest = later;
            if looked_at >= next_look {
                next_look = looked_at + STRIDE_BYTES;
                if counts.is_plain() {
                    return counts.verdict();
                }
            }
        }
    }
    counts.verdict()
}

impl Counts {
    fn count(&mut self, text: &str) {
        let mut hash = SEED;
        let mut letters = 0;
        for character in text.chars() {
            let lower = if character.is_ascii() {
                character.to_ascii_lowercase()
            } else {
                character.to_lowercase().next().unwrap_or(character)
            };
            let kind = if lower.is_ascii_lowercase() {
                Letters::Latin
            } else if lower.is_ascii() {
                Letters::Other
            } else {
                letters_of(lower)
            };
            if kind == Letters::Latin {
                letters += 1;
                self.latin += 1;
                let mut bytes = [0; 4];
                let bytes = lower.encode_utf8(&mut bytes).as_bytes();
                for byte in bytes {
                    hash = step(hash, *byte);
                }
                if bytes.len() > 1 {
                    let letter = bytes.iter().fold(SEED, |hash, byte| step(hash, *byte));
                    self.score(letter, LETTER);
                }
                continue;
            }
            if letters > 0 {
                self.words += 1;
                // A single accented letter is known as a letter.
                if letters < 12 {
                    self.score(hash, WORD);
                }
                letters = 0;
                hash = SEED;
            }
            self.count_other(kind, lower);
        }
        if letters > 0 {
            self.words += 1;
            self.score(hash, WORD);
        }
    }

    fn count_other(&mut self, kind: Letters, letter: char) {
        match kind {
            Letters::Latin | Letters::Other => return,
            Letters::Han => self.han += 1,
            Letters::Kana => self.kana += 1,
            Letters::Hangul => self.hangul += 1,
            Letters::Greek => self.greek += 1,
            Letters::Hebrew => self.hebrew += 1,
            Letters::Cyrillic => self.cyrillic += 1,
            Letters::Arabic => self.arabic += 1,
            Letters::One(index) => {
                if let Some(count) = self.one.get_mut(usize::from(index)) {
                    *count += 1;
                }
            }
        }
        if matches!(kind, Letters::Cyrillic | Letters::Arabic) {
            for ((_, letters), count) in TELLING.iter().zip(&mut self.telling) {
                *count += u32::from(letters.contains(letter));
            }
        }
    }

    fn score(&mut self, hash: u32, worth: u32) {
        let Some((slot, languages)) = TABLE.find(hash) else {
            return;
        };
        let worth = worth / languages.count_ones().max(1);
        let is_new = match self.seen.get_mut(slot / 64) {
            Some(bits) => {
                let bit = 1 << (slot % 64);
                let is_new = *bits & bit == 0;
                *bits |= bit;
                is_new
            }
            None => false,
        };
        let mut left = languages;
        while left != 0 {
            let language = left.trailing_zeros() as usize;
            left &= left - 1;
            if let (Some(points), Some(met)) =
                (self.points.get_mut(language), self.met.get_mut(language))
            {
                *points += worth.max(1);
                *met += u32::from(is_new);
            }
        }
    }

    /// Whether more text would not change the answer.
    fn is_plain(&self) -> bool {
        let (best, second) = self.best();
        let points = |index: Option<usize>| {
            index
                .and_then(|it| self.points.get(it))
                .copied()
                .unwrap_or(0)
        };
        points(best) > 60 * WORD / 2 && points(best) > 3 * points(second)
    }

    fn best(&self) -> (Option<usize>, Option<usize>) {
        let mut best = None;
        let mut second = None;
        let points = |index: Option<usize>| index.and_then(|it| self.points.get(it));
        for index in 0..LATIN.len() {
            if points(Some(index)) > points(best) {
                second = best;
                best = Some(index);
            } else if points(Some(index)) > points(second) {
                second = Some(index);
            }
        }
        (best, second)
    }

    fn verdict(&self) -> Option<&'static str> {
        // A sign of Chinese or Japanese says as much as two or three Latin letters.
        let asian = (self.han + self.kana) * 3;
        let others = [
            (
                asian,
                if self.kana * 12 >= self.han {
                    "ja"
                } else {
                    "zh"
                },
            ),
            (self.hangul * 2, "ko"),
            (self.cyrillic, self.cyrillic_language()),
            (self.greek, "el"),
            (self.hebrew, "he"),
            (self.arabic, self.arabic_language()),
        ];
        let ones = self
            .one
            .iter()
            .zip(ONE_LANGUAGE)
            .map(|(count, (_, _, code))| (*count, code));
        let (count, code) = others.into_iter().chain(ones).max_by_key(|it| it.0)?;
        // Latin letters are on every page: in names of products, code, units. A third of another
        // script is its language.
        if count * 2 >= self.latin && count >= 6 {
            return (!code.is_empty()).then_some(code);
        }
        self.latin_language()
    }

    fn told(&self, code: &str) -> u32 {
        TELLING
            .iter()
            .zip(self.telling)
            .filter(|((it, _), _)| *it == code)
            .map(|(_, count)| count)
            .sum()
    }

    fn cyrillic_language(&self) -> &'static str {
        let rare = |code| self.told(code) * 200 >= self.cyrillic;
        if rare("mk") && self.told("ru") == 0 {
            "mk"
        } else if rare("sr") {
            "sr"
        } else if rare("be") && rare("ru") {
            "be"
        } else if rare("uk") {
            "uk"
        } else if rare("ru") {
            "ru"
        } else if self.told("bg") * 100 >= self.cyrillic {
            "bg"
        } else {
            // None of the letters that would tell.
            ""
        }
    }

    fn arabic_language(&self) -> &'static str {
        if self.told("ur") * 100 >= self.arabic {
            "ur"
        } else if self.told("fa") * 50 >= self.arabic {
            "fa"
        } else {
            "ar"
        }
    }

    fn latin_language(&self) -> Option<&'static str> {
        let (best, second) = self.best();
        let best = best?;
        let points = *self.points.get(best)?;
        let next = second
            .and_then(|it| self.points.get(it))
            .copied()
            .unwrap_or(0);
        let met = *self.met.get(best)?;
        let enough = met >= 3 && points >= 2 * WORD;
        // In running text every third word is one of these; in tables and lists fewer are.
        let often = points * 12 >= self.words * WORD;
        // Neighbours share most words, so that a few of its own must do for a language.
        let own = points - next >= 2 * WORD && points * 8 > next * 9;
        let ahead = own || points * 3 > next * 4;
        (enough && often && ahead).then(|| LATIN.get(best).map(|it| it.0))?
    }
}

#[cfg(test)]
mod tests;
