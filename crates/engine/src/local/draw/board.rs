//! What is on a board before anything is written: its surface, its frame, the logo; and what is
//! moved over it, the pen and the eraser. Drawn once a film.

use protocol::Style;
use tiny_skia::{FillRule, Paint, PathBuilder, Pixmap, Rect, Transform};

use super::ink::solid;
use crate::local::look::{Look, Rgb, Shape, colour, contrast};

/// The pen's side in pixels: its tip is at the lower left corner.
pub(super) const PEN: u32 = 84;

fn rounded(left: f32, top: f32, right: f32, bottom: f32, radius: f32) -> Option<tiny_skia::Path> {
    let mut path = PathBuilder::new();
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.quad_to(right, top, right, top + radius);
    path.line_to(right, bottom - radius);
    path.quad_to(right, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.quad_to(left, bottom, left, bottom - radius);
    path.line_to(left, top + radius);
    path.quad_to(left, top, left + radius, top);
    path.close();
    path.finish()
}

pub(super) fn board(look: Look, shape: Shape) -> Option<Pixmap> {
    let mut board = Pixmap::new(shape.width, shape.height)?;
    board.fill(colour(look.frame));
    let (width, height) = (shape.width as f32, shape.height as f32);
    if look.style == Style::ModernMinimal {
        let band = Rect::from_xywh(0.0, 0.0, width, 10.0)?;
        board.fill_rect(band, &solid(look.accent(0)), Transform::identity(), None);
        return Some(board);
    }
    let frame = shape.frame;
    let edge = rounded(
        frame - 3.0,
        frame - 3.0,
        width - frame + 3.0,
        height - frame + 3.0,
        12.0,
    )?;
    board.fill_path(
        &edge,
        &solid(look.edge),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    let inner = rounded(frame, frame, width - frame, height - frame, 10.0)?;
    board.fill_path(
        &inner,
        &solid(look.board),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    if look.style == Style::Chalkboard {
        // Wiped chalk: broad, faint, slanted bands.
        for band in 0..7 {
            let x = width * (band as f32 * 0.17 - 0.05);
            let mut path = PathBuilder::new();
            path.move_to(x, height - frame - 4.0);
            path.quad_to(x + width * 0.06, height * 0.5, x + width * 0.2, frame + 4.0);
            let Some(path) = path.finish() else { continue };
            let mut paint = Paint::default();
            paint.set_color_rgba8(255, 255, 255, 5);
            let manner = tiny_skia::Stroke {
                width: 60.0 + 14.0 * (band % 3) as f32,
                ..tiny_skia::Stroke::default()
            };
            board.stroke_path(&path, &paint, &manner, Transform::identity(), None);
        }
        // The bands must not lie on the frame.
        let mut cover = PathBuilder::new();
        cover.push_rect(Rect::from_xywh(0.0, 0.0, width, height)?);
        cover.push_path(&edge);
        let cover = cover.finish()?;
        board.fill_path(
            &cover,
            &solid(look.frame),
            FillRule::EvenOdd,
            Transform::identity(),
            None,
        );
    }
    Some(board)
}

/// The logo at the lower right, below where anything is written; on a card of its own where its
/// colours would be lost on the board.
pub(super) fn draw_logo(board: &mut Pixmap, logo: &Pixmap, look: Look, shape: Shape) {
    let (width, height) = (logo.width() as f32, logo.height() as f32);
    let most = (shape.width as f32 * 0.24, shape.bottom - shape.frame - 22.0);
    let scale = (most.0 / width).min(most.1 / height);
    let right = shape.width as f32 - shape.frame - 18.0;
    let bottom = shape.height as f32 - shape.frame - 11.0;
    let (left, top) = (right - width * scale, bottom - height * scale);
    if let Some(card) = card(logo, look)
        && let Some(path) = rounded(left - 7.0, top - 5.0, right + 7.0, bottom + 5.0, 6.0)
    {
        let paint = solid(card);
        board.fill_path(
            &path,
            &paint,
            FillRule::Winding,
            Transform::identity(),
            None,
        );
    }
    let paint = tiny_skia::PixmapPaint {
        quality: tiny_skia::FilterQuality::Bicubic,
        ..tiny_skia::PixmapPaint::default()
    };
    // Shrunk by halves first, since a filter looks at few pixels.
    let mut small = logo.clone();
    let mut scale = scale;
    while scale < 0.5 && small.width() > 1 && small.height() > 1 {
        let Some(half) = half(&small) else { break };
        scale *= small.width() as f32 / half.width() as f32;
        small = half;
    }
    let place = Transform::from_row(scale, 0.0, 0.0, scale, left, top);
    board.draw_pixmap(0, 0, small.as_ref(), &paint, place, None);
}

/// The card that a logo needs: of the other kind of light than most of its pixels.
fn card(logo: &Pixmap, look: Look) -> Option<Rgb> {
    let seen = logo.pixels().iter().filter(|pixel| pixel.alpha() > 127);
    let mut sums = [0_u64; 4];
    for pixel in seen {
        let pixel = pixel.demultiply();
        for (sum, part) in sums
            .iter_mut()
            .zip([pixel.red(), pixel.green(), pixel.blue(), 1])
        {
            *sum += u64::from(part);
        }
    }
    let [red, green, blue, count] = sums;
    let mean = |sum: u64| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX);
    let mean = (mean(red), mean(green), mean(blue));
    if contrast(mean, look.board) >= 2.0 {
        return None;
    }
    let (light, dark) = ((255, 255, 255), (24, 28, 34));
    Some(if contrast(mean, light) > contrast(mean, dark) {
        light
    } else {
        dark
    })
}

fn half(from: &Pixmap) -> Option<Pixmap> {
    let mut half = Pixmap::new(from.width().div_ceil(2), from.height().div_ceil(2))?;
    let paint = tiny_skia::PixmapPaint {
        quality: tiny_skia::FilterQuality::Bilinear,
        ..tiny_skia::PixmapPaint::default()
    };
    let place = Transform::from_scale(0.5, 0.5);
    half.draw_pixmap(0, 0, from.as_ref(), &paint, place, None);
    Some(half)
}

/// A felt pen or a piece of chalk, its tip at the lower left.
pub(super) fn pen(body: Rgb, tip: Rgb) -> Option<Pixmap> {
    let mut sprite = Pixmap::new(PEN, PEN)?;
    let side = PEN as f32;
    let quad = |from: f32, to: f32, near: f32, far: f32| {
        // Across the diagonal that rises from the lower left.
        let at = |along: f32, across: f32| (along * side + across, side - along * side + across);
        let mut path = PathBuilder::new();
        let corners = [at(from, -near), at(to, -far), at(to, far), at(from, near)];
        for (index, (x, y)) in corners.into_iter().enumerate() {
            if index == 0 {
                path.move_to(x, y);
            } else {
                path.line_to(x, y);
            }
        }
        path.close();
        path.finish()
    };
    sprite.fill_path(
        &quad(0.02, 0.17, 1.0, 4.0)?,
        &solid(tip),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    sprite.fill_path(
        &quad(0.17, 0.92, 7.0, 7.0)?,
        &solid(body),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    let lit = (
        body.0.saturating_add(34),
        body.1.saturating_add(34),
        body.2.saturating_add(34),
    );
    sprite.fill_path(
        &quad(0.2, 0.9, 2.0, 2.0)?,
        &solid(lit),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    sprite.fill_path(
        &quad(0.55, 0.62, 7.0, 7.0)?,
        &solid(tip),
        FillRule::Winding,
        Transform::identity(),
        None,
    );
    Some(sprite)
}
