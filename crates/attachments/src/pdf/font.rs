//! Fonts, as far as text needs them: which codes a string is made of, what each stands for, how
//! wide it is. Glyphs are never read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use hayro_cmap::{BfString, CMap};
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Stream};

use super::encoding::{Base, named};
use crate::AttachmentError;

/// Thousandths of a character's height, where a font does not say how wide its characters are.
const USUAL_WIDTH: f32 = 500.0;
/// The most widths that are kept of a font.
const MAX_WIDTHS: usize = 70_000;
/// The most digits of one character in a character map. Real ones have few; a long one would be
/// copied at each use.
const MAX_DIGITS: usize = 256;

/// Unpacks a stream within the budget.
type Unpack<'u> = dyn FnMut(&Stream<'_>) -> Result<Vec<u8>, AttachmentError> + 'u;

/// A character code of a string.
pub(super) struct Code {
    value: u32,
    /// What it is called in the widths of a composite font.
    cid: u32,
    /// The code that word spacing applies to.
    pub(super) is_one_byte_blank: bool,
}

/// How a string is cut into codes.
enum Cut {
    OneByte,
    TwoBytes,
    Utf16,
    Map(Box<CMap>),
}

/// A font.
pub(super) struct Font {
    cut: Cut,
    /// Of codes of one byte, what they stand for by the font's encoding.
    encoded: Vec<Option<Rc<str>>>,
    to_unicode: Option<CMap>,
    /// What was looked up in `to_unicode`; looking up may copy.
    looked_up: RefCell<HashMap<u32, Option<Rc<str>>>>,
    /// First code, last code, width; sorted by the first.
    widths: Vec<(u32, u32, f32)>,
    usual_width: f32,
    unit: f32,
}

impl Font {
    /// The font of a dictionary.
    pub(super) fn read(dict: &Dict<'_>, unpack: &mut Unpack<'_>) -> Result<Self, AttachmentError> {
        let is_composite = is_named(dict, "Subtype", b"Type0");
        let to_unicode = match dict.get::<Stream<'_>>("ToUnicode") {
            Some(stream) => map(&unpack(&stream)?),
            None => None,
        };
        let mut font = Self {
            cut: Cut::OneByte,
            encoded: Vec::new(),
            to_unicode,
            looked_up: RefCell::default(),
            widths: Vec::new(),
            usual_width: USUAL_WIDTH,
            unit: 0.001,
        };
        if is_composite {
            font.read_composite(dict, unpack)?;
        } else {
            font.read_simple(dict);
        }
        Ok(font)
    }

    fn read_composite(
        &mut self,
        dict: &Dict<'_>,
        unpack: &mut Unpack<'_>,
    ) -> Result<(), AttachmentError> {
        self.cut = Cut::TwoBytes;
        if let Some(stream) = dict.get::<Stream<'_>>("Encoding") {
            if let Some(map) = map(&unpack(&stream)?) {
                self.cut = Cut::Map(Box::new(map));
            }
        } else if let Some(name) = dict.get::<Name<'_>>("Encoding") {
            let name: &[u8] = name.as_ref();
            // UniJIS-UTF16-H and the like: the codes are the text.
            if name.starts_with(b"Uni") {
                self.cut = Cut::Utf16;
            }
        }
        self.usual_width = 1_000.0;
        let Some(descendants) = dict.get::<Array<'_>>("DescendantFonts") else {
            return Ok(());
        };
        let Some(descendant) = descendants.iter::<Dict<'_>>().next() else {
            return Ok(());
        };
        if let Some(width) = descendant.get::<f32>("DW") {
            self.usual_width = width;
        }
        if let Some(widths) = descendant.get::<Array<'_>>("W") {
            self.widths = composite_widths(&widths);
        }
        Ok(())
    }

    fn read_simple(&mut self, dict: &Dict<'_>) {
        let name = dict.get::<Name<'_>>("BaseFont");
        let name: &[u8] = name.as_ref().map(AsRef::as_ref).unwrap_or_default();
        let own = match name.split(|byte| *byte == b'+').next_back() {
            Some(b"Symbol") => Base::Symbol,
            Some(b"ZapfDingbats") => Base::Dingbats,
            Some([b'C', b'M', b'S', b'Y' | b'0'..=b'9', ..] | [b'C', b'M', b'E', b'X', ..]) => {
                Base::TexSymbols
            }
            Some([b'C', b'M', b'R' | b'B' | b'C' | b'S', ..] | [b'C', b'M', b'T', b'I', ..]) => {
                Base::Tex
            }
            // Fonts of TrueType have codes of Windows, unless they say otherwise.
            _ if is_named(dict, "Subtype", b"TrueType") => Base::WinAnsi,
            _ => Base::Standard,
        };
        let base_of = |name: Option<Name<'_>>| name.and_then(|name| Base::of(name.as_ref()));
        let encoding = dict.get::<Dict<'_>>("Encoding");
        let base = match &encoding {
            Some(encoding) => base_of(encoding.get::<Name<'_>>("BaseEncoding")),
            None => base_of(dict.get::<Name<'_>>("Encoding")),
        };
        let base = base.unwrap_or(own);
        self.encoded = (0..=u8::MAX)
            .map(|code| {
                let character = base.character(code)?;
                Some(Rc::from(character.encode_utf8(&mut [0; 4]) as &str))
            })
            .collect();
        if let Some(differences) = encoding.and_then(|it| it.get::<Array<'_>>("Differences")) {
            let mut code = 0_usize;
            for part in differences.iter::<Object<'_>>() {
                match part {
                    Object::Number(number) => {
                        code = usize::try_from(number.as_i64()).unwrap_or(usize::MAX);
                    }
                    Object::Name(name) => {
                        if let Some(place) = self.encoded.get_mut(code) {
                            *place = named(name.as_str()).map(Rc::from);
                        }
                        code = code.saturating_add(1);
                    }
                    _ => {}
                }
            }
        }
        let first = dict.get::<u32>("FirstChar").unwrap_or(0);
        if let Some(widths) = dict.get::<Array<'_>>("Widths") {
            let widths = widths.iter::<f32>().take(256).enumerate();
            self.widths = widths
                .map(|(index, width)| {
                    let code = first.saturating_add(index as u32);
                    (code, code, width)
                })
                .collect();
        }
        if is_named(dict, "Subtype", b"Type3") {
            let matrix = dict.get::<Array<'_>>("FontMatrix");
            let unit = matrix.and_then(|it| it.iter::<f32>().next());
            self.unit = unit.unwrap_or(self.unit);
        }
        if let Some(descriptor) = dict.get::<Dict<'_>>("FontDescriptor")
            && let Some(width) = descriptor.get::<f32>("MissingWidth")
            && width > 0.0
        {
            self.usual_width = width;
        }
    }

    /// The codes of a string.
    pub(super) fn codes<'s>(&'s self, string: &'s [u8]) -> impl Iterator<Item = Code> + 's {
        let mut rest = string;
        std::iter::from_fn(move || {
            let (value, cid, length) = self.first(rest)?;
            let is_one_byte_blank = length == 1 && value == 0x20;
            rest = rest.get(length..).unwrap_or_default();
            Some(Code {
                value,
                cid,
                is_one_byte_blank,
            })
        })
    }

    fn first(&self, string: &[u8]) -> Option<(u32, u32, usize)> {
        let first = *string.first()?;
        let of = |length: usize| {
            let bytes = string.get(..length)?;
            Some(
                bytes
                    .iter()
                    .fold(0, |code, byte| code << 8 | u32::from(*byte)),
            )
        };
        let two = || (of(2).unwrap_or_else(|| u32::from(first)), 2);
        let (value, length) = match &self.cut {
            Cut::OneByte => (u32::from(first), 1),
            Cut::TwoBytes => two(),
            Cut::Utf16 if matches!(first, 0xd8..=0xdb) && string.len() >= 4 => (of(4)?, 4),
            Cut::Utf16 => two(),
            Cut::Map(map) => {
                let found = (1..=4_u8).find_map(|length| {
                    let code = of(usize::from(length))?;
                    let cid = map.lookup_cid_code(code, length)?;
                    Some((code, cid, usize::from(length)))
                });
                let (code, length) = two();
                return Some(found.unwrap_or((code, code, length)));
            }
        };
        Some((value, value, length))
    }

    /// What a code stands for.
    pub(super) fn text(&self, code: &Code) -> Option<Rc<str>> {
        let mapped = self.to_unicode.as_ref().and_then(|map| {
            let mut looked_up = self.looked_up.borrow_mut();
            let text = looked_up.entry(code.value).or_insert_with(|| {
                Some(match map.lookup_bf_string(code.value)? {
                    BfString::Char(char) => Rc::from(char.encode_utf8(&mut [0; 4]) as &str),
                    BfString::String(text) => Rc::from(text),
                })
            });
            text.clone()
        });
        mapped.or_else(|| match self.cut {
            Cut::OneByte => {
                let index = usize::try_from(code.value).ok()?;
                self.encoded.get(index).cloned().flatten()
            }
            Cut::Utf16 => {
                let [a, b, c, d] = code.value.to_be_bytes();
                let high = u16::from_be_bytes([a, b]);
                let low = u16::from_be_bytes([c, d]);
                let units = [high, low].into_iter().skip(usize::from(high == 0));
                let char = char::decode_utf16(units).next()?.ok()?;
                Some(Rc::from(char.encode_utf8(&mut [0; 4]) as &str))
            }
            Cut::TwoBytes | Cut::Map(_) => None,
        })
    }

    /// How wide a code's character is, in heights.
    pub(super) fn width(&self, code: &Code) -> f32 {
        let after = self
            .widths
            .partition_point(|(first, ..)| *first <= code.cid);
        let found = after
            .checked_sub(1)
            .and_then(|index| self.widths.get(index));
        let width = match found {
            Some((_, last, width)) if code.cid <= *last => *width,
            _ => self.usual_width,
        };
        width * self.unit
    }
}

fn is_named(dict: &Dict<'_>, key: &str, name: &[u8]) -> bool {
    dict.get::<Name<'_>>(key)
        .is_some_and(|it| it.as_ref() == name)
}

/// A character map, unless one of its strings is of an absurd length.
fn map(data: &[u8]) -> Option<CMap> {
    let longest = data
        .split(|byte| matches!(byte, b'<' | b'>'))
        .map(|part| {
            part.iter()
                .take_while(|byte| byte.is_ascii_hexdigit() || **byte == b' ')
        })
        .map(Iterator::count)
        .max();
    if longest > Some(MAX_DIGITS) {
        return None;
    }
    CMap::parse(data, |_| None)
}

/// The widths of a composite font (ISO 32000-1, 9.7.4.3): `c [w …]` or `first last w`.
fn composite_widths(array: &Array<'_>) -> Vec<(u32, u32, f32)> {
    let mut widths = Vec::new();
    let mut numbers: Vec<f32> = Vec::new();
    for part in array.raw_iter() {
        if widths.len() >= MAX_WIDTHS {
            break;
        }
        let part = match part {
            MaybeRef::NotRef(object) => object,
            // Widths by reference are allowed and rare; what follows them would be misread.
            MaybeRef::Ref(_) => break,
        };
        match part {
            Object::Number(number) => numbers.push(number.as_f32()),
            Object::Array(list) => {
                let first = numbers.pop().unwrap_or_default() as u32;
                numbers.clear();
                let room = MAX_WIDTHS.saturating_sub(widths.len());
                for (index, width) in list.iter::<f32>().take(room).enumerate() {
                    let code = first.saturating_add(index as u32);
                    widths.push((code, code, width));
                }
            }
            _ => break,
        }
        if let [first, last, width] = numbers[..] {
            widths.push((first as u32, last as u32, width));
            numbers.clear();
        }
    }
    widths.sort_by_key(|(first, ..)| *first);
    widths
}
