//! The looks: colours, fonts and measures of each style and shape. Data alone.

use protocol::{Orientation, Style};
use tiny_skia::Color;

use super::brand::Brand;
use super::fonts;

/// Frames a second.
pub(super) const FPS: u32 = 25;
/// Milliseconds of a frame.
pub(super) const FRAME_MS: u32 = 1_000 / FPS;
/// At a scene's end, before the next one: the time in which its board is wiped.
pub(super) const WIPE_MS: u32 = 480;

/// Red, green, blue.
pub(super) type Rgb = (u8, u8, u8);

/// A style's colours and manners.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub style: Style,
    /// The board.
    pub board: Rgb,
    /// What surrounds the board.
    pub frame: Rgb,
    /// The edge between the two.
    pub edge: Rgb,
    pub ink: Rgb,
    pub heading: Rgb,
    /// Smaller text.
    pub soft: Rgb,
    /// Thin lines.
    pub faint: Rgb,
    /// Strokes and bullets, one after the other.
    pub accents: [Rgb; 4],
    /// The text's family.
    pub family: &'static str,
    /// Whether strokes waver as a hand's do.
    pub by_hand: bool,
    /// The pen's body and tip.
    pub pen: Option<(Rgb, Rgb)>,
    pub eraser: Rgb,
    /// What stands out from the board as an area.
    pub panel: Rgb,
}

impl Look {
    pub(super) fn of(style: Style) -> Self {
        Self::plain(style).legible()
    }

    /// With the operator's colours, as far as they can be read.
    pub(super) fn branded(mut self, brand: &Brand) -> Self {
        if let Some(first) = brand.first {
            self.heading = first.rgb;
            self.accents[0] = first.rgb;
        }
        if let Some(second) = brand.second {
            self.accents[1] = second.rgb;
        }
        self.legible()
    }

    /// All that is written in a colour that stands out from board and panel.
    fn legible(mut self) -> Self {
        let grounds = [self.board, self.panel];
        let [first, second, third, fourth] = &mut self.accents;
        for colour in [
            &mut self.ink,
            &mut self.heading,
            &mut self.soft,
            first,
            second,
            third,
            fourth,
        ] {
            *colour = legible(*colour, &grounds);
        }
        self
    }

    fn plain(style: Style) -> Self {
        match style {
            Style::Whiteboard => Self {
                style,
                board: (253, 253, 251),
                frame: (196, 201, 207),
                edge: (160, 167, 175),
                ink: (32, 37, 46),
                heading: (18, 60, 140),
                soft: (84, 92, 104),
                faint: (176, 183, 192),
                accents: [(214, 62, 50), (22, 128, 82), (198, 105, 10), (98, 62, 178)],
                family: fonts::HAND,
                by_hand: true,
                pen: Some(((52, 60, 72), (18, 60, 140))),
                eraser: (72, 84, 100),
                panel: (236, 241, 248),
            },
            Style::Chalkboard => Self {
                style,
                board: (34, 56, 48),
                frame: (112, 78, 48),
                edge: (72, 48, 28),
                ink: (240, 241, 232),
                heading: (255, 224, 130),
                soft: (196, 210, 201),
                faint: (120, 142, 131),
                accents: [
                    (255, 171, 145),
                    (144, 213, 255),
                    (197, 225, 165),
                    (255, 204, 128),
                ],
                family: fonts::HAND,
                by_hand: true,
                pen: Some(((246, 244, 236), (255, 255, 255))),
                eraser: (206, 192, 166),
                panel: (26, 44, 38),
            },
            Style::ModernMinimal => Self {
                style,
                board: (250, 250, 248),
                frame: (250, 250, 248),
                edge: (250, 250, 248),
                ink: (38, 40, 46),
                heading: (16, 18, 24),
                soft: (88, 92, 102),
                faint: (198, 201, 208),
                accents: [(12, 102, 228), (0, 135, 120), (190, 80, 30), (110, 70, 190)],
                family: fonts::PRINT,
                by_hand: false,
                pen: None,
                eraser: (250, 250, 248),
                panel: (234, 237, 242),
            },
        }
    }

    pub(super) fn accent(&self, at: usize) -> Rgb {
        self.accents
            .get(at % self.accents.len())
            .copied()
            .unwrap_or(self.ink)
    }
}

/// Text and board at least, as the Web Content Accessibility Guidelines (2.2, 1.4.3) reckon it, and
/// some more, since chalk and the encoder take a little of it away.
const CONTRAST: f64 = 5.2;

fn luminance((red, green, blue): Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// How far two colours stand apart: 1 to 21.
pub(super) fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// A colour, made darker or lighter until it can be read on all grounds.
fn legible(colour: Rgb, grounds: &[Rgb]) -> Rgb {
    let light = grounds.iter().all(|ground| luminance(*ground) > 0.18);
    let end = if light { 0.0 } else { 255.0 };
    let towards = |share: f32| {
        let part = |part: u8| (f32::from(part) + (end - f32::from(part)) * share).round() as u8;
        (part(colour.0), part(colour.1), part(colour.2))
    };
    (0..=50)
        .map(|step| towards(step as f32 / 50.0))
        .find(|colour| {
            grounds
                .iter()
                .all(|ground| contrast(*colour, *ground) >= CONTRAST)
        })
        .unwrap_or(towards(1.0))
}

pub(super) fn colour((red, green, blue): Rgb) -> Color {
    Color::from_rgba8(red, green, blue, 255)
}

/// A shape's measures in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub width: u32,
    pub height: u32,
    /// The board's frame.
    pub frame: f32,
    /// From the picture's left and right edge to the text.
    pub side: f32,
    pub top: f32,
    pub bottom: f32,
    pub title: f32,
    pub heading: f32,
    pub body: f32,
}

impl Shape {
    pub(super) fn of(orientation: Orientation) -> Self {
        match orientation {
            Orientation::Landscape => Self {
                width: 1280,
                height: 720,
                frame: 18.0,
                side: 92.0,
                top: 62.0,
                bottom: 70.0,
                title: 84.0,
                heading: 52.0,
                body: 35.0,
            },
            Orientation::Square => Self {
                width: 720,
                height: 720,
                frame: 14.0,
                side: 54.0,
                top: 48.0,
                bottom: 58.0,
                title: 62.0,
                heading: 40.0,
                body: 28.0,
            },
            Orientation::Portrait => Self {
                width: 720,
                height: 1280,
                frame: 14.0,
                side: 58.0,
                top: 76.0,
                bottom: 88.0,
                title: 70.0,
                heading: 47.0,
                body: 34.0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((contrast((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 0.01);
        assert!((contrast((119, 119, 119), (255, 255, 255)) - 4.48).abs() < 0.01);
    }

    #[test]
    fn every_colour_of_text_can_be_read_whatever_the_brand() {
        let shades = [0, 51, 102, 153, 204, 255];
        let mut brands = vec![Brand::default()];
        for red in shades {
            for green in shades {
                for blue in shades {
                    let rgb = (red, green, blue);
                    let colour = Some(crate::local::brand::Colour { rgb });
                    brands.push(Brand {
                        first: colour,
                        second: colour,
                        logo: None,
                    });
                }
            }
        }
        for style in [Style::Whiteboard, Style::Chalkboard, Style::ModernMinimal] {
            for brand in &brands {
                let look = Look::of(style).branded(brand);
                let texts = [look.ink, look.heading, look.soft];
                for text in texts.iter().chain(&look.accents) {
                    for ground in [look.board, look.panel] {
                        let found = contrast(*text, ground);
                        assert!(found >= 4.5, "{style:?}: {text:?} on {ground:?}: {found}");
                    }
                }
            }
        }
    }
}
