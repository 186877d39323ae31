//! What is ordered, in Golpo's own words (`POST /api/v2/videos/generate`). Every documented limit is
//! looked at here, before anything is sent: what Golpo would refuse costs a round trip, and what it
//! would understand otherwise costs the customer. It must never make a video public, never ask for
//! Sketch and Canvas at once, and never send who wrote or ordered anything.

use protocol::{Language, Length, Music, Orientation, Script, Style, VideoOptions, Voice};
use serde_json::{Map, Value, json};

use crate::EngineError;

/// The most characters of free instructions, of either kind.
const INSTRUCTIONS: usize = 500;
/// The most characters of a prompt; it holds a title and a reference, and a page's text where only
/// a script is wanted ([`Script::MAX_CHARS`]).
const PROMPT: usize = 250_000;
/// The longest video, in minutes.
const LONGEST_MINUTES: u32 = 10;
/// The most images in one video.
const IMAGES: usize = 10;

/// A limit that was not kept: which field, and which limit. Holds nothing of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {limit}")]
pub struct OptionError {
    /// The field, as Golpo's API calls it.
    pub field: &'static str,
    /// The limit, in a sentence.
    pub limit: &'static str,
}

impl From<OptionError> for EngineError {
    fn from(error: OptionError) -> Self {
        match error.field {
            "timing" => Self::TooLong,
            field => Self::Option {
                field,
                limit: error.limit,
            },
        }
    }
}

fn limit(field: &'static str, limit: &'static str) -> OptionError {
    OptionError { field, limit }
}

/// How the pictures are drawn: by one of Golpo's two engines, which is why this is one choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    /// Line art.
    Sketch(Sketch),
    /// Painted boards, and the pen that is seen drawing, if any.
    Canvas(Canvas, Option<Pen>),
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Golpo's word for it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words!(
    /// A style of Golpo Sketch.
    Sketch {
        /// The first one.
        Classic = "classic",
        /// Cleaner strokes.
        Improved = "improved(beta)",
        /// More detail.
        Formal = "formal",
        /// Crayons.
        Crayon = "crayon",
        /// A whiteboard marker.
        DryErase = "dry_erase",
        /// Few and clean lines.
        ProfessionalClean = "professional_clean",
    }
);
words!(
    /// A style of Golpo Canvas.
    Canvas {
        /// White on black.
        Chalkboard = "chalkboard_bw",
        /// The same in colour.
        ChalkboardColour = "chalkboard_color",
        /// Whiteboard.
        Whiteboard = "whiteboard",
        /// Flat shapes and room.
        ModernMinimal = "modern_minimal",
        /// Bright.
        Playful = "playful",
        /// Like a blueprint.
        Technical = "technical",
        /// Like a magazine.
        Editorial = "editorial",
        /// Thick strokes.
        Marker = "sharpie",
    }
);
words!(
    /// The pen that is seen drawing.
    Pen {
        /// A stylus.
        Stylus = "stylus",
        /// A marker.
        Marker = "marker",
        /// A pen.
        Pen = "pen",
    }
);
words!(
    /// How long a board stays.
    Pacing {
        /// 15 seconds at most.
        Normal = "normal",
        /// 10 seconds at most.
        Fast = "fast",
    }
);
words!(
    /// Where the logo stands.
    Corner {
        /// Top left.
        TopLeft = "tl",
        /// Top right.
        TopRight = "tr",
        /// Bottom left.
        BottomLeft = "bl",
        /// Bottom right.
        BottomRight = "br",
    }
);

/// The text names no corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a corner is tl, tr, bl or br")]
pub struct NotACorner;

impl std::str::FromStr for Corner {
    type Err = NotACorner;

    fn from_str(text: &str) -> Result<Self, NotACorner> {
        let corners = Self::ALL.iter().copied();
        let mut named = corners.filter(|corner| corner.word() == text);
        named.next().ok_or(NotACorner)
    }
}

/// A file that was uploaded before, by the address that Golpo gave it.
#[derive(Clone, PartialEq, Eq)]
pub struct Uploaded(pub(super) String);

impl std::fmt::Debug for Uploaded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Uploaded(..)")
    }
}

/// A picture that is to be shown, and what is on it.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// The file.
    pub file: Uploaded,
    /// What is on it; page content.
    pub description: String,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Image(..)")
    }
}

/// One order. [`Generate::of`] makes it of what a person chose; the other fields have defaults that
/// leave the choice to Golpo.
#[derive(Clone, PartialEq)]
pub struct Generate {
    /// What the video is called at Golpo, and the reference by which it is found again.
    pub prompt: String,
    /// What is told, word for word.
    pub script: String,
    /// Only the script is wanted: nothing is drawn and nothing paid for.
    pub script_only: bool,
    /// The length in quarters of a minute.
    pub quarters: u32,
    /// The narration's language.
    pub language: Language,
    /// The language of what is written on the boards; Canvas only.
    pub display_language: Option<Language>,
    /// Further languages to make the video in.
    pub language_variants: Vec<Language>,
    /// The narrator.
    pub voice: Voice,
    /// How the narrator should speak.
    pub voice_instructions: String,
    /// The music.
    pub music: Music,
    /// The shape.
    pub orientation: Orientation,
    /// The look.
    pub drawing: Drawing,
    /// Whether colours are used.
    pub colour: bool,
    /// How long a board stays.
    pub pacing: Pacing,
    /// What should be seen.
    pub video_instructions: String,
    /// A logo and its corner.
    pub logo: Option<(Uploaded, Corner)>,
    /// Pictures to show.
    pub images: Vec<Image>,
}

// What is told is page content (P14).
impl std::fmt::Debug for Generate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Generate({} bytes of script)", self.script.len())
    }
}

/// The looks that a person can choose, as Golpo has them.
fn drawing(style: Style) -> Drawing {
    match style {
        Style::Whiteboard => Drawing::Canvas(Canvas::Whiteboard, Some(Pen::Marker)),
        Style::Chalkboard => Drawing::Canvas(Canvas::Chalkboard, None),
        Style::ModernMinimal => Drawing::Canvas(Canvas::ModernMinimal, None),
    }
}

impl Generate {
    /// The order of a script and what was chosen for it.
    pub fn of(
        script: &Script,
        options: &VideoOptions,
        reference: &str,
    ) -> Result<Self, OptionError> {
        let order = Self {
            prompt: format!("{}\n\n[{reference}]", script.title()),
            script: told(script),
            script_only: false,
            quarters: quarters(script, options.length),
            language: options.language.clone(),
            display_language: None,
            language_variants: Vec::new(),
            voice: options.voice,
            voice_instructions: String::new(),
            music: options.music,
            orientation: options.orientation,
            drawing: drawing(options.style),
            colour: true,
            pacing: Pacing::Normal,
            video_instructions: String::new(),
            logo: None,
            images: Vec::new(),
        };
        order.check()?;
        Ok(order)
    }

    /// The order for a script alone: what was to be told word for word is what Golpo writes about.
    pub fn of_the_script_alone(mut self) -> Self {
        self.prompt = format!("{}\n\n{}", self.prompt, std::mem::take(&mut self.script));
        self.script_only = true;
        self
    }

    /// Whether Golpo's documented limits are kept.
    pub fn check(&self) -> Result<(), OptionError> {
        if self.prompt.trim().is_empty() {
            return Err(limit("prompt", "a prompt is needed"));
        }
        if self.prompt.chars().count() > PROMPT {
            return Err(limit("prompt", "a prompt has at most 250,000 characters"));
        }
        if self.script.trim().is_empty() && !self.script_only {
            return Err(limit("custom_script", "there is nothing to tell"));
        }
        if self.quarters == 0 || self.quarters > LONGEST_MINUTES * 4 {
            return Err(limit("timing", "a video lasts 15 seconds to 10 minutes"));
        }
        if self.orientation == Orientation::Square {
            return Err(limit(
                "video_orientation",
                "a video is landscape or portrait",
            ));
        }
        for (field, text) in [
            ("narration_instructions", &self.voice_instructions),
            ("visual_instructions", &self.video_instructions),
        ] {
            if text.chars().count() > INSTRUCTIONS {
                return Err(limit(field, "instructions have at most 500 characters"));
            }
        }
        if self.display_language.is_some() && matches!(self.drawing, Drawing::Sketch(_)) {
            return Err(limit(
                "display_language",
                "only Canvas writes in another language than it speaks",
            ));
        }
        self.check_variants()?;
        if self.images.len() > IMAGES {
            return Err(limit("user_images", "there are at most 10 images"));
        }
        if self
            .images
            .iter()
            .any(|image| image.description.trim().is_empty())
        {
            return Err(limit(
                "user_images_descriptions",
                "every image needs a description",
            ));
        }
        Ok(())
    }

    fn check_variants(&self) -> Result<(), OptionError> {
        let (most, words) = match self.quarters {
            0..=4 => (10, "a video of up to 1 minute has at most 10 languages"),
            5..=8 => (5, "a video of up to 2 minutes has at most 5 languages"),
            9..=16 => (3, "a video of up to 4 minutes has at most 3 languages"),
            _ => (2, "a video of more than 4 minutes has at most 2 languages"),
        };
        if self.language_variants.len() > most {
            return Err(limit("language_variants", words));
        }
        for (at, variant) in self.language_variants.iter().enumerate() {
            let before = self.language_variants.iter().take(at);
            if *variant == self.language || before.into_iter().any(|other| other == variant) {
                return Err(limit(
                    "language_variants",
                    "every language is asked for once",
                ));
            }
        }
        Ok(())
    }

    /// The request's body. Some values are texts though they look like numbers: so says the API.
    pub(super) fn body(&self) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| {
            body.insert(name.to_owned(), value);
        };
        put("prompt", json!(self.prompt));
        if !self.script.is_empty() {
            put("custom_script", json!(self.script));
        }
        if self.script_only {
            put("just_return_script", json!(true));
        }
        put("timing", json!(minutes(self.quarters)));
        put("narration_language", json!(self.language.as_str()));
        if let Some(language) = &self.display_language {
            put("display_language", json!(language.as_str()));
        }
        if !self.language_variants.is_empty() {
            let tags: Vec<&str> = self
                .language_variants
                .iter()
                .map(Language::as_str)
                .collect();
            put("language_variants", json!(tags));
        }
        put("narration_voice", json!(voice(self.voice)));
        if !self.voice_instructions.is_empty() {
            put("narration_instructions", json!(self.voice_instructions));
        }
        if let Some(track) = track(self.music) {
            put("background_track", json!(track));
        }
        let orientation = match self.orientation {
            Orientation::Portrait => "vertical",
            Orientation::Landscape | Orientation::Square => "horizontal",
        };
        put("video_orientation", json!(orientation));
        match self.drawing {
            Drawing::Sketch(style) => {
                put("golpo_video_engine", json!("golpo_sketch"));
                put("sketch_style_variant", json!(style.word()));
            }
            Drawing::Canvas(style, pen) => {
                put("golpo_video_engine", json!("golpo_canvas"));
                put("canvas_style_variant", json!(style.word()));
                if let Some(pen) = pen {
                    put("pen_animation_style", json!(pen.word()));
                }
            }
        }
        put("enable_color", json!(self.colour));
        put("scene_pacing", json!(self.pacing.word()));
        if !self.video_instructions.is_empty() {
            put("visual_instructions", json!(self.video_instructions));
        }
        if let Some((file, corner)) = &self.logo {
            put("logo", json!(file.0));
            put("logo_placement", json!(corner.word()));
        }
        if !self.images.is_empty() {
            let files: Vec<&str> = self
                .images
                .iter()
                .map(|image| image.file.0.as_str())
                .collect();
            let told: Vec<&str> = self
                .images
                .iter()
                .map(|image| image.description.as_str())
                .collect();
            put("user_images", json!(files));
            put("user_images_descriptions", json!(told));
        }
        // Never a choice: a page of a company is nobody else's to watch.
        put("is_public", json!(false));
        Value::Object(body)
    }
}

/// What is told: headings as sentences of their own, texts as they are.
pub(super) fn told(script: &Script) -> String {
    let mut told = String::new();
    for section in script.sections() {
        for part in [section.heading.trim(), section.text.trim()] {
            if part.is_empty() {
                continue;
            }
            if !told.is_empty() {
                told.push_str("\n\n");
            }
            told.push_str(part);
        }
    }
    told
}

/// Quarters of a minute: what was chosen, else what the script needs at 150 words a minute, rounded
/// to half minutes as Golpo's SDK does.
fn quarters(script: &Script, length: Length) -> u32 {
    match length.seconds() {
        Some(seconds) => seconds.div_ceil(15),
        None => (script.estimated_seconds().saturating_add(15) / 30)
            .max(1)
            .saturating_mul(2),
    }
}

/// A length as the API writes it: `0.25`, `0.5`, `1`, `1.5`, `10`.
fn minutes(quarters: u32) -> String {
    let whole = quarters / 4;
    match quarters % 4 {
        0 => whole.to_string(),
        1 => format!("{whole}.25"),
        2 => format!("{whole}.5"),
        _ => format!("{whole}.75"),
    }
}

fn voice(voice: Voice) -> &'static str {
    match voice {
        Voice::Female1 => "female-1",
        Voice::Female2 => "female-2",
        Voice::Male1 => "male-1",
        Voice::Male2 => "male-2",
    }
}

fn track(music: Music) -> Option<&'static str> {
    Some(match music {
        Music::None => return None,
        Music::Jazz => "jazz",
        Music::Lofi => "lofi",
        Music::Dramatic => "dramatic",
        Music::Whimsical => "whimsical",
        Music::Engaging => "engaging",
        Music::Inspirational => "inspirational",
        Music::Documentary => "documentary",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ScriptSection;

    fn script(words: usize) -> Script {
        let section = ScriptSection {
            heading: "Heading".to_owned(),
            text: "word ".repeat(words.saturating_sub(2)),
        };
        Script::new("Title".to_owned(), vec![section]).unwrap()
    }

    fn order() -> Generate {
        Generate::of(&script(150), &VideoOptions::default(), "ref 1").unwrap()
    }

    #[test]
    fn an_order_in_golpos_words() {
        let order = Generate::of(&script(30), &VideoOptions::default(), "ref 1").unwrap();
        let mut body = order.body();
        let told = body
            .as_object_mut()
            .unwrap()
            .remove("custom_script")
            .unwrap();
        assert!(told.as_str().unwrap().starts_with("Heading\n\nword word"));
        assert_eq!(
            body,
            json!({
                "prompt": "Title\n\n[ref 1]", "timing": "0.5", "narration_language": "en",
                "narration_voice": "female-1", "video_orientation": "horizontal",
                "golpo_video_engine": "golpo_canvas", "canvas_style_variant": "whiteboard",
                "pen_animation_style": "marker", "enable_color": true, "scene_pacing": "normal",
                "is_public": false,
            })
        );
    }

    #[test]
    fn lengths_are_texts_of_half_minutes() {
        for (words, length, timing) in [
            (10, Length::Auto, "0.5"),
            (100, Length::Auto, "0.5"),
            (115, Length::Auto, "1"),
            (225, Length::Auto, "1.5"),
            (1500, Length::Auto, "10"),
            (1500, Length::Seconds30, "0.5"),
            (10, Length::Minutes4, "4"),
        ] {
            let options = VideoOptions {
                length,
                ..VideoOptions::default()
            };
            let order = Generate::of(&script(words), &options, "r").unwrap();
            assert_eq!(order.body()["timing"], timing, "{words} {length:?}");
        }
        let long = Generate::of(&script(1700), &VideoOptions::default(), "r").unwrap_err();
        assert_eq!(long.field, "timing");
        assert!(matches!(EngineError::from(long), EngineError::TooLong));
    }

    #[test]
    fn every_choice_has_its_word_and_nothing_is_ever_public_or_drawn_twice() {
        let looks = Canvas::ALL
            .iter()
            .map(|style| Drawing::Canvas(*style, Some(Pen::Pen)));
        let looks = looks.chain(Sketch::ALL.iter().map(|style| Drawing::Sketch(*style)));
        for drawing in looks {
            for music in [Music::None, Music::Jazz, Music::Documentary] {
                let body = Generate {
                    drawing,
                    music,
                    ..order()
                }
                .body();
                let sketch = body.get("sketch_style_variant").is_some();
                let canvas = body.get("canvas_style_variant").is_some();
                assert!(sketch != canvas, "{drawing:?}");
                assert!(!sketch || body.get("pen_animation_style").is_none());
                assert_eq!(body["is_public"], false);
                assert_eq!(body.get("background_track").is_none(), music == Music::None);
            }
        }
    }

    #[test]
    fn each_limit_is_an_error_that_names_its_field() {
        let uploaded = || Uploaded("https://files.example.com/1".to_owned());
        let image = |description: &str| Image {
            file: uploaded(),
            description: description.to_owned(),
        };
        let language = |tag: &str| Language::try_from(tag.to_owned()).unwrap();
        let many = |count: usize| -> Vec<Language> {
            [
                "de", "fr", "es", "it", "pt", "nl", "pl", "hi", "ja", "ko", "zh",
            ]
            .iter()
            .take(count)
            .map(|tag| language(tag))
            .collect()
        };
        let cases = [
            (
                "prompt",
                Generate {
                    prompt: " ".to_owned(),
                    ..order()
                },
            ),
            (
                "prompt",
                Generate {
                    prompt: "p".repeat(250_001),
                    ..order()
                },
            ),
            (
                "custom_script",
                Generate {
                    script: "\n".to_owned(),
                    ..order()
                },
            ),
            (
                "timing",
                Generate {
                    quarters: 0,
                    ..order()
                },
            ),
            (
                "timing",
                Generate {
                    quarters: 41,
                    ..order()
                },
            ),
            (
                "video_orientation",
                Generate {
                    orientation: Orientation::Square,
                    ..order()
                },
            ),
            (
                "narration_instructions",
                Generate {
                    voice_instructions: "v".repeat(501),
                    ..order()
                },
            ),
            (
                "visual_instructions",
                Generate {
                    video_instructions: "v".repeat(501),
                    ..order()
                },
            ),
            (
                "display_language",
                Generate {
                    display_language: Some(language("de")),
                    drawing: Drawing::Sketch(Sketch::Formal),
                    ..order()
                },
            ),
            (
                "language_variants",
                Generate {
                    language_variants: many(11),
                    quarters: 4,
                    ..order()
                },
            ),
            (
                "language_variants",
                Generate {
                    language_variants: many(6),
                    quarters: 5,
                    ..order()
                },
            ),
            (
                "language_variants",
                Generate {
                    language_variants: many(4),
                    quarters: 9,
                    ..order()
                },
            ),
            (
                "language_variants",
                Generate {
                    language_variants: many(3),
                    quarters: 17,
                    ..order()
                },
            ),
            (
                "language_variants",
                Generate {
                    language_variants: vec![language("en")],
                    ..order()
                },
            ),
            (
                "language_variants",
                Generate {
                    language_variants: vec![language("de"), language("de")],
                    ..order()
                },
            ),
            (
                "user_images",
                Generate {
                    images: vec![image("a"); 11],
                    ..order()
                },
            ),
            (
                "user_images_descriptions",
                Generate {
                    images: vec![image("a"), image(" ")],
                    ..order()
                },
            ),
        ];
        for (field, order) in cases {
            assert_eq!(order.check().unwrap_err().field, field);
        }
        for (count, quarters) in [(10, 4), (5, 8), (3, 16), (2, 40)] {
            let order = Generate {
                language_variants: many(count),
                quarters,
                ..order()
            };
            assert_eq!(order.check(), Ok(()));
        }
    }

    #[test]
    fn a_logo_images_and_variants_are_sent_as_documented() {
        let file = |name: &str| Uploaded(format!("https://files.example.com/{name}"));
        let language = |tag: &str| Language::try_from(tag.to_owned()).unwrap();
        let image = Image {
            file: file("i"),
            description: "A boat".to_owned(),
        };
        let body = Generate {
            logo: Some((file("l"), Corner::BottomRight)),
            images: vec![image],
            language_variants: vec![language("de")],
            script_only: true,
            ..order()
        }
        .body();
        assert_eq!(body["logo"], "https://files.example.com/l");
        assert_eq!(body["logo_placement"], "br");
        assert_eq!(body["user_images"], json!(["https://files.example.com/i"]));
        assert_eq!(body["user_images_descriptions"], json!(["A boat"]));
        assert_eq!(body["language_variants"], json!(["de"]));
        assert_eq!(body["just_return_script"], true);
    }
}
