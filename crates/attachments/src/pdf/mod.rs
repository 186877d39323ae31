//! PDF (ISO 32000): the text that its pages show, in the order in which they show it.
//!
//! `hayro-syntax` reads the file's objects and `hayro-cmap` its character maps; this module follows
//! the text operators of each page, and `layout` makes words and paragraphs of where they put
//! their characters. The document's properties (author, producer), its annotations (comments and
//! their authors) and its form fields are not read. Headers, footers and page numbers are left out
//! where the file marks them as such.

mod encoding;
mod font;
mod guard;
mod layout;

use std::collections::HashMap;
use std::rc::Rc;

use hayro_syntax::{
    Filter, LoadPdfError, Pdf,
    content::{TypedIter, ops::TypedInstruction},
    object::{Array, Dict, Name, Number, Object, ObjectIdentifier, Stream},
    page::Resources,
};

use crate::{AttachmentError, budget::Budget};
use font::Font;
use layout::Layout;

/// The most pages that are read.
const MAX_PAGES: usize = 2_000;
/// How deep forms may hold forms.
const MAX_FORM_DEPTH: usize = 8;
/// The most fonts of a file.
const MAX_FONTS: usize = 2_000;
/// The most graphics states that are kept at a time.
const MAX_STATES: usize = 512;

/// The text of a document.
pub(crate) fn text(bytes: &[u8]) -> Result<String, AttachmentError> {
    guard::check(bytes)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => AttachmentError::Encrypted,
        LoadPdfError::Invalid => AttachmentError::Broken,
    })?;
    let mut reading = Reading {
        budget: Budget::new(),
        fonts: HashMap::new(),
        layout: Layout::default(),
        characters: 0,
        unknown: 0,
    };
    for page in pdf.pages().iter().take(MAX_PAGES) {
        let content = reading.content(page.raw())?;
        reading.show(&content, page.resources(), Matrix::IDENTITY, 0)?;
        reading.layout.end_page()?;
    }
    // Letters that stand for nothing known: told, they would be noise.
    if reading.unknown > reading.characters {
        return Err(AttachmentError::WithoutText);
    }
    Ok(reading.layout.finish())
}

/// An affine map (ISO 32000-1, 8.3.3).
#[derive(Clone, Copy)]
struct Matrix([f32; 6]);

impl Matrix {
    const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    fn of(numbers: &[Number; 6]) -> Self {
        Self(numbers.map(|number| number.as_f32()))
    }

    fn shift(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// This map, then the other.
    fn then(self, other: Self) -> Self {
        let [a, b, c, d, e, f] = self.0;
        let [g, h, i, j, k, l] = other.0;
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }
}

/// What `q` saves and `Q` brings back, as far as text needs it.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f32,
    character_spacing: f32,
    word_spacing: f32,
    scale: f32,
    leading: f32,
    rise: f32,
}

struct Reading {
    budget: Budget,
    fonts: HashMap<ObjectIdentifier, Rc<Font>>,
    layout: Layout,
    characters: usize,
    unknown: usize,
}

impl Reading {
    /// A page's content: one stream or several in a row.
    fn content(&mut self, page: &Dict<'_>) -> Result<Vec<u8>, AttachmentError> {
        if let Some(stream) = page.get::<Stream<'_>>("Contents") {
            return self.unpack(&stream);
        }
        let mut content = Vec::new();
        if let Some(streams) = page.get::<Array<'_>>("Contents") {
            for stream in streams.iter::<Stream<'_>>() {
                content.extend(self.unpack(&stream)?);
                content.push(b'\n');
            }
        }
        Ok(content)
    }

    /// What a stream holds, within the budget; nothing where it cannot be unpacked.
    fn unpack(&mut self, stream: &Stream<'_>) -> Result<Vec<u8>, AttachmentError> {
        let raw = stream.raw_data();
        let filters = stream.filters();
        match filters.as_slice() {
            [] => {
                self.budget.pay(raw.len())?;
                return Ok(raw.into_owned());
            }
            [Filter::FlateDecode] => {
                let data = self.budget.unzlib(&raw)?;
                if predictor(stream) <= 1 {
                    return Ok(data);
                }
                // Undoing a predictor is the library's, and makes nothing longer.
                return Ok(stream.decoded_data().unwrap_or_default().into_owned());
            }
            _ => {}
        }
        // The rest is the library's, which knows no limit: what the filters can make at most of so
        // many bytes must fit. All but ASCII filters before one other are rare.
        let most = filters.iter().fold(raw.len(), |length, filter| {
            length.saturating_mul(match filter {
                Filter::FlateDecode => 1_032,
                Filter::LzwDecode => 1_400,
                Filter::RunLengthDecode => 64,
                _ => 1,
            })
        });
        if most > self.budget.left() {
            return Err(AttachmentError::TooLarge);
        }
        let data = stream.decoded_data().unwrap_or_default();
        self.budget.pay(data.len())?;
        Ok(data.into_owned())
    }

    fn font(&mut self, dict: &Dict<'_>) -> Result<Option<Rc<Font>>, AttachmentError> {
        let id = dict.obj_id();
        if let Some(font) = id.and_then(|id| self.fonts.get(&id)) {
            return Ok(Some(Rc::clone(font)));
        }
        if self.fonts.len() >= MAX_FONTS {
            return Ok(None);
        }
        // A font written into the resources has no id and is read at each use; that is paid for.
        self.budget.pay(dict.data().len())?;
        let mut streams = |stream: &Stream<'_>| self.unpack(stream);
        let font = Rc::new(Font::read(dict, &mut streams)?);
        if let Some(id) = id {
            self.fonts.insert(id, Rc::clone(&font));
        }
        Ok(Some(font))
    }

    /// Follows the operators of a page or form.
    fn show(
        &mut self,
        content: &[u8],
        resources: &Resources<'_>,
        matrix: Matrix,
        depth: usize,
    ) -> Result<(), AttachmentError> {
        let mut state = State {
            matrix,
            font: None,
            size: 0.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let mut saved: Vec<State> = Vec::new();
        let mut line = Matrix::IDENTITY;
        let mut at = Matrix::IDENTITY;
        // Of the marked contents that are open, how many from the first artifact on.
        let mut artifacts = 0_usize;
        let mut operators = TypedIter::new(content);
        while let Some(operator) = operators.next() {
            use TypedInstruction as Op;
            match operator {
                Op::SaveState(_) if saved.len() < MAX_STATES => saved.push(state.clone()),
                Op::RestoreState(_) => {
                    if let Some(before) = saved.pop() {
                        state = before;
                    }
                }
                Op::Transform(it) => {
                    let numbers = [it.0, it.1, it.2, it.3, it.4, it.5];
                    state.matrix = Matrix::of(&numbers).then(state.matrix);
                }
                Op::BeginText(_) => {
                    line = Matrix::IDENTITY;
                    at = line;
                }
                Op::CharacterSpacing(it) => state.character_spacing = it.0.as_f32(),
                Op::WordSpacing(it) => state.word_spacing = it.0.as_f32(),
                Op::HorizontalScaling(it) => state.scale = it.0.as_f32() / 100.0,
                Op::TextLeading(it) => state.leading = it.0.as_f32(),
                Op::TextRise(it) => state.rise = it.0.as_f32(),
                Op::TextFont(it) => {
                    state.size = it.1.as_f32();
                    state.font = match resources.get_font(it.0) {
                        Some(dict) => self.font(&dict)?,
                        None => None,
                    };
                }
                Op::SetTextMatrix(it) => {
                    line = Matrix::of(&[it.0, it.1, it.2, it.3, it.4, it.5]);
                    at = line;
                }
                Op::NextLine(it) => {
                    line = Matrix::shift(it.0.as_f32(), it.1.as_f32()).then(line);
                    at = line;
                }
                Op::NextLineAndSetLeading(it) => {
                    state.leading = -it.1.as_f32();
                    line = Matrix::shift(it.0.as_f32(), it.1.as_f32()).then(line);
                    at = line;
                }
                Op::NextLineUsingLeading(_) => {
                    line = Matrix::shift(0.0, -state.leading).then(line);
                    at = line;
                }
                Op::ShowText(it) if artifacts == 0 => at = self.put(it.0, &state, at)?,
                Op::NextLineAndShowText(it) => {
                    line = Matrix::shift(0.0, -state.leading).then(line);
                    at = line;
                    if artifacts == 0 {
                        at = self.put(it.0, &state, at)?;
                    }
                }
                Op::ShowTextWithParameters(it) => {
                    state.word_spacing = it.0.as_f32();
                    state.character_spacing = it.1.as_f32();
                    line = Matrix::shift(0.0, -state.leading).then(line);
                    at = line;
                    if artifacts == 0 {
                        at = self.put(it.2, &state, at)?;
                    }
                }
                Op::ShowTexts(it) if artifacts == 0 => {
                    for part in it.0.iter::<Object<'_>>() {
                        match part {
                            Object::String(text) => at = self.put(&text, &state, at)?,
                            Object::Number(number) => {
                                let back = number.as_f32() / 1_000.0 * state.size * state.scale;
                                at = Matrix::shift(-back, 0.0).then(at);
                            }
                            _ => {}
                        }
                    }
                }
                Op::BeginMarkedContent(it) => {
                    artifacts += usize::from(artifacts > 0 || is_artifact(it.0));
                }
                Op::BeginMarkedContentWithProperties(it) => {
                    artifacts += usize::from(artifacts > 0 || is_artifact(it.0));
                }
                Op::EndMarkedContent(_) => artifacts = artifacts.saturating_sub(1),
                Op::XObject(it) if artifacts == 0 && depth < MAX_FORM_DEPTH => {
                    let form = resources.get_x_object(it.0).filter(is_form);
                    if let Some(form) = form {
                        self.form(&form, resources, state.matrix, depth)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn form(
        &mut self,
        form: &Stream<'_>,
        outer: &Resources<'_>,
        matrix: Matrix,
        depth: usize,
    ) -> Result<(), AttachmentError> {
        // An empty form may be shown any number of times: each costs a little.
        self.budget.pay(64)?;
        let content = self.unpack(form)?;
        let dict = form.dict();
        let own: Vec<Number> = dict
            .get::<Array<'_>>("Matrix")
            .map(|array| array.iter::<Number>().take(6).collect())
            .unwrap_or_default();
        let matrix = match <[Number; 6]>::try_from(own) {
            Ok(own) => Matrix::of(&own).then(matrix),
            Err(_) => matrix,
        };
        match dict.get::<Dict<'_>>("Resources") {
            Some(inner) => self.show(&content, &Resources::new(inner), matrix, depth + 1),
            // Old files let a form use what its page has.
            None => self.show(&content, outer, matrix, depth + 1),
        }
    }

    /// Puts a string where the text matrix says; gives the matrix after it.
    fn put(&mut self, codes: &[u8], state: &State, at: Matrix) -> Result<Matrix, AttachmentError> {
        let Some(font) = &state.font else {
            return Ok(at);
        };
        let mut at = at;
        let glyph = Matrix([
            state.size * state.scale,
            0.0,
            0.0,
            state.size,
            0.0,
            state.rise,
        ]);
        for code in font.codes(codes) {
            let place = glyph.then(at).then(state.matrix).0;
            let blank = if code.is_one_byte_blank {
                state.word_spacing
            } else {
                0.0
            };
            let wide = font.width(&code) * state.size + state.character_spacing + blank;
            at = Matrix::shift(wide * state.scale, 0.0).then(at);
            let end = glyph.then(at).then(state.matrix).0;
            let text = font.text(&code);
            match &text {
                Some(_) => self.characters += 1,
                None => self.unknown += 1,
            }
            let start = [place[4], place[5]];
            let height = place[2].hypot(place[3]);
            self.layout.put(
                text.as_deref().unwrap_or_default(),
                start,
                [end[4], end[5]],
                height,
            )?;
        }
        Ok(at)
    }
}

/// The predictor (ISO 32000-1, 7.4.4.4) of a stream with one filter; 1 is none.
fn predictor(stream: &Stream<'_>) -> i32 {
    let parameters = ["DecodeParms", "DP"].iter().find_map(|key| {
        let dict = stream.dict();
        let list = || dict.get::<Array<'_>>(key)?.iter::<Dict<'_>>().next();
        dict.get::<Dict<'_>>(key).or_else(list)
    });
    parameters
        .and_then(|it| it.get::<i32>("Predictor"))
        .unwrap_or(1)
}

fn is_artifact(tag: &Name<'_>) -> bool {
    tag.as_ref() == b"Artifact"
}

fn is_form(stream: &Stream<'_>) -> bool {
    stream
        .dict()
        .get::<Name<'_>>("Subtype")
        .is_some_and(|name| name.as_ref() == b"Form")
}
