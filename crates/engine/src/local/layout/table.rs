//! Tables: columns as wide as their words want, rows as high as they need; what does not fit on a
//! board goes on in the next one below the same headers.

use super::setting::Block;
use super::strokes::Frame;
use super::{Item, Mark, Setter};
use crate::local::storyboard::Point;

/// A row's cells and its height.
struct Row {
    cells: Vec<Block>,
    height: f32,
}

/// A table set in one size.
struct Sheet {
    /// Each column's left edge and the width of its text.
    columns: Vec<(f32, f32)>,
    headers: Option<Row>,
    rows: Vec<Row>,
    /// Around a cell's text, above and below.
    pad: f32,
}

impl Setter<'_> {
    /// `None` where a row does not fit on a board in letters that can be read.
    pub(super) fn table(
        &mut self,
        headers: &[String],
        rows: &[Vec<String>],
        points: &[Point],
        frame: Frame,
    ) -> Option<Vec<Vec<Item>>> {
        let mut chosen = None;
        for scale in [1.0, 0.92, 0.84, 0.76, 0.68] {
            let Some(sheet) = self.sheet(headers, rows, scale, frame) else {
                continue;
            };
            let head = sheet.headers.as_ref().map_or(0.0, |row| row.height);
            let all: f32 = sheet.rows.iter().map(|row| row.height).sum();
            let tallest = sheet.rows.iter().map(|row| row.height).fold(0.0, f32::max);
            let whole = head + all <= frame.height();
            // Rather two boards than letters nobody reads.
            if whole || (scale < 0.8 && head + tallest <= frame.height()) {
                chosen = Some((sheet, whole));
                break;
            }
        }
        let (sheet, _) = chosen?;
        let mut pages: Vec<Vec<usize>> = vec![Vec::new()];
        let head = sheet.headers.as_ref().map_or(0.0, |row| row.height);
        let mut used = head;
        for (at, row) in sheet.rows.iter().enumerate() {
            if used + row.height > frame.height() && used > head {
                pages.push(Vec::new());
                used = head;
            }
            used += row.height;
            if let Some(page) = pages.last_mut() {
                page.push(at);
            }
        }
        // The headers are set anew for each board, since a text has one place.
        let scale_of = sheet.pad;
        let mut rows_left = sheet.rows.into_iter().zip(points);
        let mut first_headers = sheet.headers;
        let mut boards = Vec::new();
        for page in pages {
            let headers_row = match first_headers.take() {
                Some(row) => Some(row),
                None if headers.is_empty() => None,
                None => Some(self.header_row(headers, &sheet.columns, scale_of)),
            };
            let rows: Vec<(Row, &Point)> = rows_left.by_ref().take(page.len()).collect();
            boards.push(self.table_board(headers_row, rows, &sheet.columns, sheet.pad, frame));
        }
        Some(boards)
    }

    fn header_row(&mut self, headers: &[String], columns: &[(f32, f32)], pad: f32) -> Row {
        let face = self.face((pad / PAD).round()).bold();
        let ground = if self.look.by_hand {
            self.look.board
        } else {
            self.look.panel
        };
        let colour = self.look.heading;
        let cells: Vec<Block> = headers
            .iter()
            .zip(columns)
            .map(|(text, (_, width))| self.text(text, face, colour, *width).on(ground))
            .collect();
        let height = cells.iter().map(|cell| cell.height).fold(0.0, f32::max);
        Row {
            cells,
            height: height + 2.0 * pad + 6.0,
        }
    }

    /// The table in one size; `None` if a word would have to be broken.
    fn sheet(
        &mut self,
        headers: &[String],
        rows: &[Vec<String>],
        scale: f32,
        frame: Frame,
    ) -> Option<Sheet> {
        let size = (self.shape.body * 0.92 * scale).round();
        let (pad, side) = (size * PAD, size * 0.5);
        let count = rows.first()?.len();
        let face = self.face(size);
        let mut wanted = vec![0.0_f32; count];
        let mut least = vec![0.0_f32; count];
        let all = rows.iter().map(|row| (row, false));
        let headers_too = (!headers.is_empty()).then(|| headers.to_vec());
        for (row, bold) in headers_too.iter().map(|row| (row, true)).chain(all) {
            for (column, cell) in row.iter().enumerate() {
                let face = if bold || column == 0 {
                    face.bold()
                } else {
                    face
                };
                let natural = self.natural(cell, face) + 2.0;
                let longest = cell
                    .split_whitespace()
                    .max_by_key(|word| word.chars().count());
                let word = match longest {
                    Some(word) if word != cell.as_str() => self.natural(word, face) + 4.0,
                    _ => natural.min(size * 8.0),
                };
                if let Some(wanted) = wanted.get_mut(column) {
                    *wanted = wanted.max(natural);
                }
                if let Some(least) = least.get_mut(column) {
                    *least = least.max(word);
                }
            }
        }
        let room = frame.width() - 2.0 * side * count as f32;
        let (sum, sum_least) = (wanted.iter().sum::<f32>(), least.iter().sum::<f32>());
        let widths: Vec<f32> = if sum <= room {
            let extra = (room - sum) / count as f32;
            wanted.iter().map(|wanted| wanted + extra).collect()
        } else if sum_least <= room {
            let share = (room - sum_least) / (sum - sum_least).max(1.0);
            let pairs = wanted.iter().zip(&least);
            pairs
                .map(|(wanted, least)| least + (wanted - least) * share)
                .collect()
        } else {
            return None;
        };
        let mut columns = Vec::new();
        let mut x = frame.left;
        for width in widths {
            columns.push((x + side, width.floor()));
            x += width.floor() + 2.0 * side;
        }
        let headers = (!headers.is_empty()).then(|| self.header_row(headers, &columns, pad));
        let (ink, look) = (self.look.ink, self.look);
        let rows = rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let cells: Vec<Block> = row
                    .iter()
                    .zip(&columns)
                    .enumerate()
                    .map(|(column, (cell, (_, width)))| {
                        if column == 0 {
                            self.text(cell, face.bold(), look.accent(at + 1), *width)
                        } else {
                            self.text(cell, face, ink, *width)
                        }
                    })
                    .collect();
                let height = cells.iter().map(|cell| cell.height).fold(0.0, f32::max);
                Row {
                    cells,
                    height: height + 2.0 * pad,
                }
            })
            .collect();
        Some(Sheet {
            columns,
            headers,
            rows,
            pad,
        })
    }

    fn table_board(
        &self,
        headers: Option<Row>,
        rows: Vec<(Row, &Point)>,
        columns: &[(f32, f32)],
        pad: f32,
        frame: Frame,
    ) -> Vec<Item> {
        let head = headers.as_ref().map_or(0.0, |row| row.height);
        let all: f32 = head + rows.iter().map(|(row, _)| row.height).sum::<f32>();
        let spare = (frame.height() - all).max(0.0);
        // Loose rows rather than a table that hangs at the top.
        let loose = (spare * 0.7 / rows.len().max(1) as f32).min(pad * 2.6);
        let mut y = frame.top + ((spare - loose * rows.len() as f32) * 0.3).round();
        let rtl = rows
            .iter()
            .flat_map(|(row, _)| &row.cells)
            .chain(headers.iter().flat_map(|row| &row.cells))
            .next()
            .is_some_and(|cell| cell.rtl);
        let place = |cells: Vec<Block>, y: f32, height: f32, middle: bool| -> Vec<Mark> {
            let cells = cells.into_iter().zip(columns);
            cells
                .map(|(cell, (x, _))| {
                    let down = if middle {
                        (height - cell.height) / 2.0
                    } else {
                        pad
                    };
                    cell.at(*x, (y + down).round())
                })
                .collect()
        };
        let mut marks = Vec::new();
        if let Some(row) = headers {
            let bottom = y + row.height;
            if !self.look.by_hand {
                let panel = Frame {
                    top: y,
                    bottom: bottom - 4.0,
                    ..frame
                };
                marks.push(self.look.panel(panel, self.look.panel));
            }
            marks.extend(place(row.cells, y, row.height, false));
            let line_y = bottom - 4.0;
            let (from, to) = ((frame.left, line_y), (frame.right, line_y - 1.0));
            marks.push(self.look.line(from, to, 4.0, self.look.accent(0)));
            y = bottom;
        }
        let last = rows.len().saturating_sub(1);
        let mut items = Vec::new();
        for (at, (row, point)) in rows.into_iter().enumerate() {
            let height = row.height + loose;
            marks.extend(place(row.cells, y, height, true));
            y += height;
            if at < last {
                let (from, to) = ((frame.left + 6.0, y), (frame.right - 6.0, y));
                marks.push(self.look.line(from, to, 1.8, self.look.faint));
            }
            if rtl {
                marks.iter_mut().for_each(|mark| mark.mirror(frame));
            }
            items.push(super::list::item(point, std::mem::take(&mut marks), 0.0));
        }
        items
    }
}

/// Above and below a cell's text, in font sizes.
const PAD: f32 = 0.28;
