//! The words that are said of a page and do not stand on it: what stands instead of a person, and
//! what a list, a picture or a listing is called. One set a language, so that a narration does not
//! change its language for them. What stands instead of a person says nothing of their sex, and is
//! right as subject and as object, since nobody here knows which it is.

use std::ops::Range;

use protocol::RemovalKind;

use crate::model::Panel;

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Phrases {
    /// The language (ISO 639-1).
    pub code: &'static str,
    /// Instead of a person.
    pub colleague: &'static str,
    /// The same where an article stands already, or within a file's name.
    pub bare_colleague: &'static str,
    /// Instead of several people in a row, and of a group.
    pub team: &'static str,
    /// See `bare_colleague`.
    pub bare_team: &'static str,
    /// What is said behind them for the genitive of a name; empty where the language has none such.
    pub possessive: &'static str,
    /// Instead of an e-mail address.
    pub email: &'static str,
    /// Instead of an account id.
    pub account: &'static str,
    /// Before what is told of a picture. This and what else begins words ends with its colon.
    pub picture: &'static str,
    /// Before tasks and decisions.
    pub to_do: &'static str,
    /// Before a task that is done.
    pub done: &'static str,
    /// Before a decision.
    pub decision: &'static str,
    /// Before the words of panels that call for care; of others nothing is said.
    pub note: &'static str,
    /// See `note`.
    pub tip: &'static str,
    /// See `note`.
    pub warning: &'static str,
    /// See `note`.
    pub error: &'static str,
    /// Before a quotation.
    pub quote: &'static str,
    /// A listing, its language, and its lines: `{language}` and `{lines}` are filled in.
    pub code_of_language: &'static str,
    /// A listing whose language is not told.
    pub code_example: &'static str,
    /// Where a page stands: `{space}` is filled in.
    pub of_space: &'static str,
    /// What a page is labelled: `{labels}` is filled in.
    pub with_labels: &'static str,
    /// Both.
    pub of_space_with_labels: &'static str,
    /// One line of code, and more than one: `{count}` is filled in.
    pub one_line: &'static str,
    /// See `one_line`.
    pub many_lines: &'static str,
}

/// English, which is also said of pages in languages that have no phrases of their own.
pub(crate) const ENGLISH: Phrases = Phrases {
    code: "en",
    colleague: "a colleague",
    bare_colleague: "colleague",
    team: "the team",
    bare_team: "team",
    possessive: "'s",
    email: "an e-mail address",
    account: "an account",
    picture: "Picture: ",
    to_do: "To do: ",
    done: "Done: ",
    decision: "Decision: ",
    note: "Note: ",
    tip: "Tip: ",
    warning: "Warning: ",
    error: "Error: ",
    quote: "Quote: ",
    code_of_language: "Code example in {language}, {lines}.",
    code_example: "Code example, {lines}.",
    of_space: "This page is from the space {space}.",
    with_labels: "This page is labelled {labels}.",
    of_space_with_labels: "This page is from the space {space} and is labelled {labels}.",
    one_line: "1 line",
    many_lines: "{count} lines",
};

const GERMAN: Phrases = Phrases {
    code: "de",
    colleague: "jemand aus dem Team",
    bare_colleague: "Teammitglied",
    team: "das Team",
    bare_team: "Team",
    possessive: "",
    email: "eine E-Mail-Adresse",
    account: "ein Konto",
    picture: "Bild: ",
    to_do: "Zu erledigen: ",
    done: "Erledigt: ",
    decision: "Entscheidung: ",
    note: "Hinweis: ",
    tip: "Tipp: ",
    warning: "Warnung: ",
    error: "Fehler: ",
    quote: "Zitat: ",
    code_of_language: "Codebeispiel in {language}, {lines}.",
    code_example: "Codebeispiel, {lines}.",
    of_space: "Diese Seite gehört zum Bereich {space}.",
    with_labels: "Diese Seite trägt die Stichwörter {labels}.",
    of_space_with_labels: "Diese Seite gehört zum Bereich {space} und trägt die Stichwörter {labels}.",
    one_line: "1 Zeile",
    many_lines: "{count} Zeilen",
};

const FRENCH: Phrases = Phrases {
    code: "fr",
    colleague: "une personne de l’équipe",
    bare_colleague: "personne de l’équipe",
    team: "l’équipe",
    bare_team: "équipe",
    possessive: "",
    email: "une adresse e-mail",
    account: "un compte",
    picture: "Image\u{a0}: ",
    to_do: "À faire\u{a0}: ",
    done: "Fait\u{a0}: ",
    decision: "Décision\u{a0}: ",
    note: "Remarque\u{a0}: ",
    tip: "Conseil\u{a0}: ",
    warning: "Attention\u{a0}: ",
    error: "Erreur\u{a0}: ",
    quote: "Citation\u{a0}: ",
    code_of_language: "Exemple de code en {language}, {lines}.",
    code_example: "Exemple de code, {lines}.",
    of_space: "Cette page vient de l’espace {space}.",
    with_labels: "Cette page porte les étiquettes {labels}.",
    of_space_with_labels: "Cette page vient de l’espace {space} et porte les étiquettes {labels}.",
    one_line: "1 ligne",
    many_lines: "{count} lignes",
};

const SPANISH: Phrases = Phrases {
    code: "es",
    colleague: "una persona del equipo",
    bare_colleague: "persona del equipo",
    team: "el equipo",
    bare_team: "equipo",
    possessive: "",
    email: "una dirección de correo",
    account: "una cuenta",
    picture: "Imagen: ",
    to_do: "Por hacer: ",
    done: "Hecho: ",
    decision: "Decisión: ",
    note: "Nota: ",
    tip: "Consejo: ",
    warning: "Advertencia: ",
    error: "Error: ",
    quote: "Cita: ",
    code_of_language: "Ejemplo de código en {language}, {lines}.",
    code_example: "Ejemplo de código, {lines}.",
    of_space: "Esta página es del espacio {space}.",
    with_labels: "Esta página lleva las etiquetas {labels}.",
    of_space_with_labels: "Esta página es del espacio {space} y lleva las etiquetas {labels}.",
    one_line: "1 línea",
    many_lines: "{count} líneas",
};

const ITALIAN: Phrases = Phrases {
    code: "it",
    colleague: "una persona del team",
    bare_colleague: "persona del team",
    team: "il team",
    bare_team: "team",
    possessive: "",
    email: "un indirizzo e-mail",
    account: "un account",
    picture: "Immagine: ",
    to_do: "Da fare: ",
    done: "Fatto: ",
    decision: "Decisione: ",
    note: "Nota: ",
    tip: "Suggerimento: ",
    warning: "Avviso: ",
    error: "Errore: ",
    quote: "Citazione: ",
    code_of_language: "Esempio di codice in {language}, {lines}.",
    code_example: "Esempio di codice, {lines}.",
    of_space: "Questa pagina fa parte dello spazio {space}.",
    with_labels: "Questa pagina ha le etichette {labels}.",
    of_space_with_labels: "Questa pagina fa parte dello spazio {space} e ha le etichette {labels}.",
    one_line: "1 riga",
    many_lines: "{count} righe",
};

const PORTUGUESE: Phrases = Phrases {
    code: "pt",
    colleague: "uma pessoa da equipe",
    bare_colleague: "pessoa da equipe",
    team: "a equipe",
    bare_team: "equipe",
    possessive: "",
    email: "um endereço de e-mail",
    account: "uma conta",
    picture: "Imagem: ",
    to_do: "A fazer: ",
    done: "Feito: ",
    decision: "Decisão: ",
    note: "Nota: ",
    tip: "Dica: ",
    warning: "Aviso: ",
    error: "Erro: ",
    quote: "Citação: ",
    code_of_language: "Exemplo de código em {language}, {lines}.",
    code_example: "Exemplo de código, {lines}.",
    of_space: "Esta página é do espaço {space}.",
    with_labels: "Esta página tem as etiquetas {labels}.",
    of_space_with_labels: "Esta página é do espaço {space} e tem as etiquetas {labels}.",
    one_line: "1 linha",
    many_lines: "{count} linhas",
};

const DUTCH: Phrases = Phrases {
    code: "nl",
    colleague: "iemand van het team",
    bare_colleague: "teamlid",
    team: "het team",
    bare_team: "team",
    possessive: "",
    email: "een e-mailadres",
    account: "een account",
    picture: "Afbeelding: ",
    to_do: "Te doen: ",
    done: "Gedaan: ",
    decision: "Besluit: ",
    note: "Opmerking: ",
    tip: "Tip: ",
    warning: "Waarschuwing: ",
    error: "Fout: ",
    quote: "Citaat: ",
    code_of_language: "Codevoorbeeld in {language}, {lines}.",
    code_example: "Codevoorbeeld, {lines}.",
    of_space: "Deze pagina hoort bij de ruimte {space}.",
    with_labels: "Deze pagina heeft de labels {labels}.",
    of_space_with_labels: "Deze pagina hoort bij de ruimte {space} en heeft de labels {labels}.",
    one_line: "1 regel",
    many_lines: "{count} regels",
};

const SWEDISH: Phrases = Phrases {
    code: "sv",
    colleague: "någon i teamet",
    bare_colleague: "teammedlem",
    team: "teamet",
    bare_team: "team",
    possessive: "s",
    email: "en e-postadress",
    account: "ett konto",
    picture: "Bild: ",
    to_do: "Att göra: ",
    done: "Klart: ",
    decision: "Beslut: ",
    note: "Obs: ",
    tip: "Tips: ",
    warning: "Varning: ",
    error: "Fel: ",
    quote: "Citat: ",
    code_of_language: "Kodexempel i {language}, {lines}.",
    code_example: "Kodexempel, {lines}.",
    of_space: "Den här sidan hör till utrymmet {space}.",
    with_labels: "Den här sidan har etiketterna {labels}.",
    of_space_with_labels: "Den här sidan hör till utrymmet {space} och har etiketterna {labels}.",
    one_line: "1 rad",
    many_lines: "{count} rader",
};

const POLISH: Phrases = Phrases {
    code: "pl",
    colleague: "ktoś z zespołu",
    bare_colleague: "osoba z zespołu",
    team: "zespół",
    bare_team: "zespół",
    possessive: "",
    email: "adres e-mail",
    account: "konto",
    picture: "Obraz: ",
    to_do: "Do zrobienia: ",
    done: "Zrobione: ",
    decision: "Decyzja: ",
    note: "Uwaga: ",
    tip: "Wskazówka: ",
    warning: "Ostrzeżenie: ",
    error: "Błąd: ",
    quote: "Cytat: ",
    code_of_language: "Przykład kodu w języku {language}, {lines}.",
    code_example: "Przykład kodu, {lines}.",
    of_space: "Ta strona należy do przestrzeni {space}.",
    with_labels: "Etykiety tej strony: {labels}.",
    of_space_with_labels: "Ta strona należy do przestrzeni {space}. Jej etykiety: {labels}.",
    one_line: "1 wiersz",
    many_lines: "liczba wierszy: {count}",
};

const JAPANESE: Phrases = Phrases {
    code: "ja",
    colleague: "担当者",
    bare_colleague: "担当者",
    team: "チーム",
    bare_team: "チーム",
    possessive: "",
    email: "メールアドレス",
    account: "アカウント",
    picture: "画像：",
    to_do: "やること：",
    done: "完了：",
    decision: "決定事項：",
    note: "注記：",
    tip: "ヒント：",
    warning: "警告：",
    error: "エラー：",
    quote: "引用：",
    code_of_language: "{language}のコード例、{lines}。",
    code_example: "コード例、{lines}。",
    of_space: "このページはスペース「{space}」にあります。",
    with_labels: "このページのラベルは{labels}です。",
    of_space_with_labels: "このページはスペース「{space}」にあり、ラベルは{labels}です。",
    one_line: "1行",
    many_lines: "{count}行",
};

const CHINESE: Phrases = Phrases {
    code: "zh",
    colleague: "团队成员",
    bare_colleague: "团队成员",
    team: "团队",
    bare_team: "团队",
    possessive: "",
    email: "电子邮件地址",
    account: "帐户",
    picture: "图片：",
    to_do: "待办：",
    done: "已完成：",
    decision: "决定：",
    note: "注意：",
    tip: "提示：",
    warning: "警告：",
    error: "错误：",
    quote: "引用：",
    code_of_language: "{language} 代码示例，{lines}。",
    code_example: "代码示例，{lines}。",
    of_space: "此页面位于空间“{space}”。",
    with_labels: "此页面的标签为：{labels}。",
    of_space_with_labels: "此页面位于空间“{space}”，标签为：{labels}。",
    one_line: "1 行",
    many_lines: "{count} 行",
};

const KOREAN: Phrases = Phrases {
    code: "ko",
    colleague: "담당자",
    bare_colleague: "담당자",
    team: "팀",
    bare_team: "팀",
    possessive: "",
    email: "이메일 주소",
    account: "계정",
    picture: "그림: ",
    to_do: "할 일: ",
    done: "완료: ",
    decision: "결정: ",
    note: "참고: ",
    tip: "팁: ",
    warning: "경고: ",
    error: "오류: ",
    quote: "인용: ",
    code_of_language: "{language} 코드 예제, {lines}.",
    code_example: "코드 예제, {lines}.",
    of_space: "이 페이지는 {space} 스페이스에 있습니다.",
    with_labels: "이 페이지의 레이블: {labels}.",
    of_space_with_labels: "이 페이지는 {space} 스페이스에 있습니다. 레이블: {labels}.",
    one_line: "1줄",
    many_lines: "{count}줄",
};

static LANGUAGES: [&Phrases; 12] = [
    &ENGLISH,
    &GERMAN,
    &FRENCH,
    &SPANISH,
    &ITALIAN,
    &PORTUGUESE,
    &DUTCH,
    &SWEDISH,
    &POLISH,
    &JAPANESE,
    &CHINESE,
    &KOREAN,
];

impl Phrases {
    /// The phrases of a language (ISO 639-1), or English ones.
    pub(crate) fn of(language: Option<&str>) -> &'static Self {
        let known = LANGUAGES.iter().find(|it| Some(it.code) == language);
        known.copied().unwrap_or(&ENGLISH)
    }

    /// What is said instead of an identity of a kind; nothing where people are only listed.
    pub(crate) fn instead_of(&self, kind: RemovalKind) -> &'static str {
        match kind {
            RemovalKind::Mention | RemovalKind::PeopleLink | RemovalKind::Name => self.colleague,
            RemovalKind::Email => self.email,
            RemovalKind::AccountId => self.account,
            RemovalKind::PeopleMacro => "",
        }
    }

    /// Where the words end that are said instead of people and of which a stretch of a text is a
    /// part.
    pub(crate) fn around(&self, text: &str, stretch: &Range<usize>) -> Option<usize> {
        let same = |told: &str, words: &str| {
            // Only the first letter may have become a capital.
            let (mut told, mut words) = (told.chars(), words.chars());
            let (first, other) = (told.next(), words.next());
            let capital = first.map(char::to_lowercase).into_iter().flatten();
            told.as_str() == words.as_str() && (first == other || capital.eq(other))
        };
        self.instead().into_iter().find_map(|words| {
            let first = stretch.end.saturating_sub(words.len());
            (first..=stretch.start).find_map(|start| {
                let end = start + words.len();
                same(text.get(start..end)?, words).then_some(end)
            })
        })
    }

    /// All that stands instead of people in a script, the longer of two first that begin alike.
    fn instead(&self) -> [&'static str; 6] {
        [
            self.colleague,
            self.bare_colleague,
            self.team,
            self.bare_team,
            self.email,
            self.account,
        ]
    }

    /// What a panel's words begin with.
    pub(crate) fn panel(&self, panel: Panel) -> &'static str {
        match panel {
            Panel::Info | Panel::Success => "",
            Panel::Note => self.note,
            Panel::Tip => self.tip,
            Panel::Warning => self.warning,
            Panel::Error => self.error,
        }
    }

    /// The sentence on where a page stands; none where there is nothing to say.
    pub(crate) fn opening(&self, space: Option<&str>, labels: &str) -> Option<String> {
        let pattern = match (space, labels) {
            (None, "") => return None,
            (Some(_), "") => self.of_space,
            (None, _) => self.with_labels,
            (Some(_), _) => self.of_space_with_labels,
        };
        let words = pattern.replace("{space}", space.unwrap_or_default());
        Some(words.replace("{labels}", labels))
    }

    /// What is told of a listing instead of its code.
    pub(crate) fn code(&self, language: Option<&str>, lines: usize) -> String {
        let count = match lines {
            1 => self.one_line.to_owned(),
            more => self.many_lines.replace("{count}", &more.to_string()),
        };
        match language {
            Some(language) => self
                .code_of_language
                .replace("{language}", language)
                .replace("{lines}", &count),
            None => self.code_example.replace("{lines}", &count),
        }
    }
}

/// What a language of a listing is called; names that are spoken as written are kept.
pub(crate) fn language_name(key: &str) -> Option<String> {
    let known = match key {
        "" | "none" | "text" | "plaintext" | "plain" => return None,
        "bash" | "sh" | "shell" => "shell",
        "c++" | "cpp" => "C++",
        "c#" | "csharp" => "C#",
        "css" => "CSS",
        "html" | "html/xml" => "HTML",
        "js" | "javascript" => "JavaScript",
        "json" => "JSON",
        "php" => "PHP",
        "sql" => "SQL",
        "ts" | "typescript" => "TypeScript",
        "xml" => "XML",
        "yml" | "yaml" => "YAML",
        other => {
            let mut letters = other.chars();
            let first = letters.next()?.to_uppercase();
            return Some(first.chain(letters).collect());
        }
    };
    Some(known.to_owned())
}

/// What stands instead of people in a script of a language (ISO 639-1), so that a view of the
/// script can show where. Capitalised at the beginning of a sentence.
pub fn neutral_phrases(language: Option<&str>) -> Vec<&'static str> {
    Phrases::of(language).instead().to_vec()
}

/// Whether what was said so far ends in a word that stands instead of somebody, in any language.
pub(crate) fn ends_neutrally(said: &str) -> bool {
    LANGUAGES.iter().any(|phrases| {
        [phrases.bare_colleague, phrases.bare_team]
            .iter()
            .any(|word| !word.is_empty() && said.ends_with(word))
    })
}
