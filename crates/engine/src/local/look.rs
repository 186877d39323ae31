//! The looks: colours, fonts and measures of each style and shape. Data alone.

use protocol::{Orientation, Style};
use tiny_skia::Color;

use super::fonts;

/// Frames a second.
pub(super) const FPS: u32 = 25;
/// Milliseconds of a frame.
pub(super) const FRAME_MS: u32 = 1_000 / FPS;

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
    /// Page numbers.
    pub faint: Rgb,
    /// Strokes and bullets, one after the other.
    pub accents: [Rgb; 4],
    /// The text's family.
    pub family: &'static str,
    /// Whether strokes waver as a hand's do.
    pub by_hand: bool,
    /// The pen's body and tip.
    pub pen: Option<(Rgb, Rgb)>,
}

impl Look {
    pub(super) fn of(style: Style) -> Self {
        match style {
            Style::Whiteboard => Self {
                style,
                board: (253, 253, 251),
                frame: (196, 201, 207),
                edge: (160, 167, 175),
                ink: (32, 37, 46),
                heading: (18, 60, 140),
                faint: (128, 135, 145),
                accents: [(214, 62, 50), (22, 128, 82), (198, 105, 10), (98, 62, 178)],
                family: fonts::HAND,
                by_hand: true,
                pen: Some(((52, 60, 72), (18, 60, 140))),
            },
            Style::Chalkboard => Self {
                style,
                board: (34, 56, 48),
                frame: (112, 78, 48),
                edge: (72, 48, 28),
                ink: (240, 241, 232),
                heading: (255, 224, 130),
                faint: (158, 178, 168),
                accents: [
                    (255, 171, 145),
                    (144, 213, 255),
                    (197, 225, 165),
                    (255, 204, 128),
                ],
                family: fonts::HAND,
                by_hand: true,
                pen: Some(((246, 244, 236), (255, 255, 255))),
            },
            Style::ModernMinimal => Self {
                style,
                board: (250, 250, 248),
                frame: (250, 250, 248),
                edge: (250, 250, 248),
                ink: (38, 40, 46),
                heading: (16, 18, 24),
                faint: (138, 141, 150),
                accents: [(12, 102, 228), (0, 135, 120), (190, 80, 30), (110, 70, 190)],
                family: fonts::PRINT,
                by_hand: false,
                pen: None,
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
