//! Pixels → planes. Only the areas that are named are converted, since of most frames nearly all
//! is as it was in the one before.

use tiny_skia::Pixmap;

use super::Area;

/// A picture as the encoder takes it: planar YUV 4:2:0, BT.709, limited range.
#[derive(Debug)]
pub(in crate::local) struct Picture {
    planes: [Vec<u8>; 3],
    width: usize,
    height: usize,
}

impl openh264::formats::YUVSource for Picture {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        (self.width, self.width / 2, self.width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.planes[0]
    }

    fn u(&self) -> &[u8] {
        &self.planes[1]
    }

    fn v(&self) -> &[u8] {
        &self.planes[2]
    }
}

impl Picture {
    /// Luma, then blue and red difference, each with its bytes a row.
    pub(in crate::local) fn planes(&self) -> [(&[u8], usize); 3] {
        let [luma, blue, red] = &self.planes;
        let half = self.width / 2;
        [(luma, self.width), (blue, half), (red, half)]
    }

    /// All of an opaque picture of even width and height.
    pub(super) fn of(from: &Pixmap) -> Self {
        let (width, height) = (from.width() as usize, from.height() as usize);
        let mut picture = Self {
            planes: [
                vec![0; width * height],
                vec![0; width * height / 4],
                vec![0; width * height / 4],
            ],
            width,
            height,
        };
        picture.take(
            from,
            Area {
                left: 0,
                top: 0,
                right: width as i32,
                bottom: height as i32,
            },
        );
        picture
    }

    /// Takes over an area.
    pub(super) fn take(&mut self, from: &Pixmap, area: Area) {
        let (left, top) = ((area.left & !1) as usize, (area.top & !1) as usize);
        let right = (((area.right + 1) & !1) as usize).min(self.width);
        let bottom = (((area.bottom + 1) & !1) as usize).min(self.height);
        if left >= right {
            return;
        }
        let (width, pixels) = (self.width, from.pixels());
        let [luma, blue, red] = &mut self.planes;
        for y in (top..bottom).step_by(2) {
            let row = |y: usize| y * width + left..y * width + right;
            let Some((upper, lower)) = pixels.get(row(y)).zip(pixels.get(row(y + 1))) else {
                return;
            };
            for (row_at, pixels) in [(row(y), upper), (row(y + 1), lower)] {
                let Some(luma) = luma.get_mut(row_at) else {
                    return;
                };
                for (luma, pixel) in luma.iter_mut().zip(pixels) {
                    let (r, g, b) = parts(pixel);
                    *luma = (16 + ((11_966 * r + 40_254 * g + 4_064 * b + 32_768) >> 16)) as u8;
                }
            }
            let chroma = (y / 2) * (width / 2) + left / 2..(y / 2) * (width / 2) + right / 2;
            let Some((blue, red)) = blue.get_mut(chroma.clone()).zip(red.get_mut(chroma)) else {
                return;
            };
            let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            for ((blue, red), (upper, lower)) in blue.iter_mut().zip(red).zip(pairs) {
                let (mut r, mut g, mut b) = (0, 0, 0);
                for pixel in upper.iter().chain(lower) {
                    let pixel = parts(pixel);
                    (r, g, b) = (r + pixel.0, g + pixel.1, b + pixel.2);
                }
                *blue = (128 + ((-6_596 * r - 22_189 * g + 28_784 * b + 131_072) >> 18)) as u8;
                *red = (128 + ((28_784 * r - 26_145 * g - 2_639 * b + 131_072) >> 18)) as u8;
            }
        }
    }
}

fn parts(pixel: &tiny_skia::PremultipliedColorU8) -> (i32, i32, i32) {
    (
        i32::from(pixel.red()),
        i32::from(pixel.green()),
        i32::from(pixel.blue()),
    )
}
