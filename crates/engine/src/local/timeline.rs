//! When each scene, item and sentence comes: the narrator's pace where one speaks, a reader's
//! where none does. It takes scenes and gives times; the one file it causes is the narrator's.

use protocol::Stage;
use tokio_util::sync::CancellationToken;

use super::captions::Cue;
use super::layout::{Item, Mark, Scene};
use super::look::FRAME_MS;
use super::sound::Recording;
use super::speech::{Narrator, Recital, Speech};
use super::storyboard::reading_ms;
use super::{Reporter, SHORTEST_MS};
use crate::EngineError;

/// Before the first word of a scene.
const LEAD_MS: u32 = 320;
/// Between sentences, and between points.
const PAUSE_MS: u32 = 220;
/// The full board, before the next one.
const HOLD_MS: u32 = 900;

/// When an item is written, in milliseconds from its scene's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beat {
    pub start_ms: u32,
    pub length_ms: u32,
}

/// A scene's place in the film; both are whole frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub start_ms: u32,
    pub length_ms: u32,
    /// One an item of the scene.
    pub beats: Vec<Beat>,
}

/// The times of all.
pub(super) struct Timeline {
    /// One a scene.
    pub slots: Vec<Slot>,
    pub cues: Vec<Cue>,
    /// What is spoken.
    pub speech: Recording,
    pub length_ms: u32,
}

fn whole_frames(ms: u32) -> u32 {
    ms.div_ceil(FRAME_MS) * FRAME_MS
}

fn letters(item: &Item) -> u32 {
    u32::try_from(item.marks.iter().map(Mark::letters).sum::<usize>()).unwrap_or(u32::MAX)
}

/// Times for scenes; with a limit, items that would end after it are taken out of the scenes, and
/// scenes left without points too. At least one point stays.
pub(super) fn lay(
    scenes: &mut Vec<Scene>,
    limit_ms: Option<u32>,
    narrator: Option<&Narrator<'_>>,
    speech: Recording,
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<Timeline, EngineError> {
    let Some(narrator) = narrator else {
        return place(scenes, limit_ms, None, speech, reporter, cancel);
    };
    let told: Vec<String> = scenes
        .iter()
        .flat_map(|scene| &scene.items)
        .filter(|item| item.aloud)
        .flat_map(|item| item.told.iter().cloned())
        .collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    Recital::new(narrator, &told)
        .run(|ask| place(scenes, limit_ms, Some(ask), speech, reporter, cancel))
}

/// The same; `ask` gives one sentence after the other.
fn place(
    scenes: &mut Vec<Scene>,
    limit_ms: Option<u32>,
    mut ask: Option<&mut dyn FnMut() -> Result<Speech, EngineError>>,
    mut speech: Recording,
    reporter: &Reporter,
    cancel: &CancellationToken,
) -> Result<Timeline, EngineError> {
    let mut slots: Vec<Slot> = Vec::new();
    let mut cues: Vec<Cue> = Vec::new();
    let all: usize = scenes.iter().map(|scene| scene.items.len()).sum();
    let (mut now, mut done, mut points, mut full) = (0_u32, 0_usize, 0_usize, false);
    for scene in scenes.iter_mut() {
        if full {
            scene.items.clear();
            continue;
        }
        let start = now;
        let cues_before = cues.len();
        let mut beats = Vec::new();
        now += LEAD_MS;
        let mut kept = 0;
        for item in &scene.items {
            done += 1;
            reporter.send(Stage::Narration, done, all);
            // All of an item is spoken before any of it is laid down, for it may not fit.
            let mut spoken = Vec::new();
            let mut length = 0;
            for sentence in &item.told {
                if cancel.is_cancelled() {
                    return Err(EngineError::Cancelled);
                }
                let heard = match &mut ask {
                    Some(ask) if item.aloud => Some(ask()?),
                    _ => None,
                };
                let ms = match &heard {
                    Some(heard) => heard.length_ms(),
                    None if item.aloud => reading_ms(sentence),
                    None => reading_ms(sentence).clamp(2_500, 12_000),
                };
                let ms = ms.max(600).next_multiple_of(20);
                length += ms + PAUSE_MS;
                spoken.push((sentence, heard, ms));
            }
            let late = limit_ms.is_some_and(|limit| now + length + HOLD_MS > limit);
            if late && !item.heading && points > 0 {
                full = true;
                break;
            }
            let begin = if item.told.is_empty() {
                start
            } else {
                now - LEAD_MS.min(now - start) / 2
            };
            let natural = letters(item).saturating_mul(34).max(350);
            let writing = if item.told.is_empty() {
                350
            } else {
                natural.min((length * 9 / 10).max(600))
            };
            beats.push(Beat {
                start_ms: begin - start,
                length_ms: writing,
            });
            for (sentence, heard, ms) in spoken {
                let heard = heard.unwrap_or_default();
                speech.push(now, &heard.samples)?;
                let words = heard.words.iter();
                cues.push(Cue {
                    start_ms: now,
                    end_ms: now + ms,
                    text: sentence.clone(),
                    words: words.map(|(ms, at)| (now + ms, *at)).collect(),
                });
                now += ms + PAUSE_MS;
            }
            points += usize::from(!item.heading);
            kept += 1;
        }
        scene.items.truncate(kept);
        if full && scene.items.iter().all(|item| item.heading) {
            // A heading that no point follows is not worth a board.
            scene.items.clear();
            cues.truncate(cues_before);
            speech.cut(start);
            now = start;
            continue;
        }
        let written = beats
            .iter()
            .map(|beat| start + beat.start_ms + beat.length_ms)
            .max()
            .unwrap_or(now);
        now = start + whole_frames(now.max(written) + HOLD_MS - start);
        slots.push(Slot {
            start_ms: start,
            length_ms: now - start,
            beats,
        });
    }
    scenes.retain(|scene| !scene.items.is_empty());
    if let Some(last) = slots.last_mut() {
        let missing = whole_frames(SHORTEST_MS.saturating_sub(now));
        last.length_ms += missing;
        now += missing;
    }
    speech.end()?;
    // A caption stays until the next one where only a breath parts them.
    for at in 1..cues.len() {
        let next = cues.get(at).map(|cue| cue.start_ms).unwrap_or(now);
        if let Some(cue) = cues
            .get_mut(at - 1)
            .filter(|cue| next - cue.end_ms <= 2 * PAUSE_MS)
        {
            cue.end_ms = next;
        }
    }
    Ok(Timeline {
        slots,
        cues,
        speech,
        length_ms: now,
    })
}
