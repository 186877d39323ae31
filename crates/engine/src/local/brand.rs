//! The operator's own colours and logo on every board. Colours are taken as far as they can be
//! read: what is too near the board's is made darker or lighter until it stands out. A logo is a
//! PNG of bounded size, checked when it is set, so that no video fails over it later.

use std::str::FromStr;
use std::sync::Arc;

use tiny_skia::Pixmap;

/// The most bytes of a logo.
const LOGO_BYTES: usize = 1 << 20;
/// The most pixels of its width and height.
const LOGO_SIDE: u32 = 2_000;

/// Colours and logo; none by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brand {
    /// Headings and their lines.
    pub first: Option<Colour>,
    /// The first of the colours that points and figures have.
    pub second: Option<Colour>,
    /// In a corner of every board.
    pub logo: Option<Logo>,
}

/// An opaque colour, written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Red, green and blue in sRGB.
    pub rgb: (u8, u8, u8),
}

/// Why a colour or a logo cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrandError {
    /// Not `#rrggbb`.
    #[error("a colour is written #rrggbb")]
    Colour,
    /// No PNG, or a broken one.
    #[error("the logo is not a PNG picture")]
    NotPng,
    /// Too large.
    #[error("the logo has more than {LOGO_SIDE} pixels a side or more than {LOGO_BYTES} bytes")]
    TooLarge,
}

impl BrandError {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Colour => "brand_colour",
            Self::NotPng => "brand_logo_not_png",
            Self::TooLarge => "brand_logo_too_large",
        }
    }
}

impl FromStr for Colour {
    type Err = BrandError;

    fn from_str(text: &str) -> Result<Self, BrandError> {
        let digits = text.strip_prefix('#').ok_or(BrandError::Colour)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(BrandError::Colour);
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| BrandError::Colour)?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self {
            rgb: (red, green, blue),
        })
    }
}

/// A PNG that can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    png: Arc<[u8]>,
}

impl Logo {
    /// Checks a PNG's bytes; its size before its pixels, so that a small file cannot fill memory.
    pub fn png(bytes: &[u8]) -> Result<Self, BrandError> {
        // Signature, length and name of the first chunk, then width and height (PNG, 5.2 and 11.2.1).
        let side = |from: usize| -> Option<u32> {
            let bytes = bytes.get(from..from + 4)?.try_into().ok()?;
            Some(u32::from_be_bytes(bytes))
        };
        if bytes.get(..8) != Some(b"\x89PNG\r\n\x1a\n") {
            return Err(BrandError::NotPng);
        }
        let (width, height) = side(16).zip(side(20)).ok_or(BrandError::NotPng)?;
        if bytes.len() > LOGO_BYTES || width > LOGO_SIDE || height > LOGO_SIDE {
            return Err(BrandError::TooLarge);
        }
        Pixmap::decode_png(bytes).map_err(|_| BrandError::NotPng)?;
        Ok(Self { png: bytes.into() })
    }

    /// Its pixels; it was decoded once already.
    pub(super) fn pixels(&self) -> Option<Pixmap> {
        Pixmap::decode_png(&self.png).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read() {
        let colour: Colour = "#0c66E4".parse().unwrap();
        assert_eq!(colour.rgb, (12, 102, 228));
        for wrong in [
            "", "#", "0c66e4", "#0c66e", "#0c66e4f", "#0c66eg", "#+c66e4", "#é66e4",
        ] {
            assert_eq!(wrong.parse::<Colour>(), Err(BrandError::Colour), "{wrong}");
        }
    }

    #[test]
    fn logos_are_checked_before_they_are_unpacked() {
        let png = Pixmap::new(3, 2).unwrap().encode_png().unwrap();
        let logo = Logo::png(&png).unwrap();
        assert_eq!(logo.pixels().unwrap().width(), 3);
        let mut vast = png.clone();
        vast[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
        assert_eq!(Logo::png(&vast), Err(BrandError::TooLarge));
        for broken in [&b""[..], b"GIF89a", &png[..20], &png[..40]] {
            assert_eq!(Logo::png(broken), Err(BrandError::NotPng));
        }
        let mut long = png;
        long.resize(LOGO_BYTES + 1, 0);
        assert_eq!(Logo::png(&long), Err(BrandError::TooLarge));
    }
}
