//! Reels and sound → an MP4 (ISO/IEC 14496-12) whose index comes first, so that a player can begin
//! before it has all of it. What is coded is copied from file to file: only the index, some bytes a
//! picture, is ever in memory. It writes no time of day, so the same film is the same file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use mp4_atom::{
    Chpl, ChplEntry, Co64, Codec as Entry, Dinf, Dops, Dref, Edts, Elst, ElstEntry, Encode as _,
    FourCC, Ftyp, Hdlr, Mdhd, Mdia, Minf, Moov, Mvhd, Smhd, Stbl, Stco, Stsc, StscEntry, Stsd,
    Stss, Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Udta, Url, Vmhd,
};
use protocol::Chapter;
use tokio_util::sync::CancellationToken;

use super::codec::Reel;
use super::look::{FPS, FRAME_MS, Shape};
use super::sound::{PACKET, PRE_SKIP, Track};
use super::speech::RATE;
use crate::EngineError;

/// The film's and the sound's ticks a second; a frame is a whole number of them.
const TICKS: u32 = RATE;
/// Packets of a second: what lies together in the file.
const PICTURES: usize = FPS as usize;
const SOUNDS: usize = RATE as usize / PACKET;
/// A chapter's title in the index, in bytes.
const TITLE_BYTES: usize = 255;

fn failed(reason: impl ToString) -> EngineError {
    EngineError::Part {
        part: "muxer",
        reason: reason.to_string(),
    }
}

/// The sizes of a track's packets, and how many of them lie together.
struct Sizes {
    sizes: Vec<u32>,
    together: usize,
}

impl Sizes {
    fn chunks(&self) -> impl Iterator<Item = u64> {
        let bytes = |chunk: &[u32]| chunk.iter().map(|size| u64::from(*size)).sum();
        self.sizes.chunks(self.together).map(bytes)
    }

    fn table(&self, entry: Entry, ticks: u32, offsets: &[u64]) -> Stbl {
        let count = self.sizes.len();
        let together = self.together.min(count.max(1));
        let mut runs = vec![(1, together)];
        if count > together && !count.is_multiple_of(together) {
            runs.push((count / together + 1, count % together));
        }
        let short: Option<Vec<u32>> = offsets
            .iter()
            .map(|offset| u32::try_from(*offset).ok())
            .collect();
        Stbl {
            stsd: Stsd {
                codecs: vec![entry],
            },
            stts: Stts {
                entries: vec![SttsEntry {
                    sample_count: count as u32,
                    sample_delta: ticks,
                }],
            },
            stsc: Stsc {
                entries: runs
                    .into_iter()
                    .map(|(first, samples)| StscEntry {
                        first_chunk: first as u32,
                        samples_per_chunk: samples as u32,
                        sample_description_index: 1,
                    })
                    .collect(),
            },
            stsz: Stsz {
                samples: StszSamples::Different {
                    sizes: self.sizes.clone(),
                },
            },
            co64: short.is_none().then(|| Co64 {
                entries: offsets.to_vec(),
            }),
            stco: short.map(|entries| Stco { entries }),
            ..Default::default()
        }
    }
}

/// A film that is to be written.
pub(super) struct Film<'a> {
    pub reels: Vec<Reel>,
    pub sound: Option<Track>,
    pub shape: Shape,
    pub chapters: &'a [Chapter],
    pub cancel: &'a CancellationToken,
}

impl Film<'_> {
    /// Writes the film and removes the files that it was put together from.
    pub(super) fn write(self, path: &Path) -> Result<(), EngineError> {
        let (pictures, keys) = self.pictures()?;
        let sounds = self.sound.as_ref().map(|sound| Sizes {
            sizes: sound.sizes.clone(),
            together: SOUNDS,
        });
        let ftyp = Ftyp {
            major_brand: FourCC::new(b"isom"),
            minor_version: 512,
            compatible_brands: [b"isom", b"iso2", b"mp41"].map(FourCC::new).to_vec(),
        };
        let mut head = Vec::new();
        ftyp.encode(&mut head).map_err(failed)?;
        // The index says where everything lies, which depends on the index's own size: its size is
        // that of one with any offsets of the same width.
        let lengths = Lengths::of(&pictures, sounds.as_ref());
        let ftyp_bytes = head.len() as u64;
        let mut begin = 0;
        for _ in 0..2 {
            let (video, audio) = lengths.offsets(begin);
            let moov = self.index(&pictures, &keys, sounds.as_ref(), &video, &audio)?;
            head.truncate(ftyp_bytes as usize);
            moov.encode(&mut head).map_err(failed)?;
            // Were the first guess's offsets narrower, this one's are as wide as they get.
            begin = head.len() as u64 + lengths.header();
        }
        let (video, audio) = lengths.offsets(begin);
        let moov = self.index(&pictures, &keys, sounds.as_ref(), &video, &audio)?;
        head.truncate(ftyp_bytes as usize);
        moov.encode(&mut head).map_err(failed)?;
        if head.len() as u64 + lengths.header() != begin {
            return Err(failed("the index does not fit itself"));
        }
        let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
        out.write_all(&head)?;
        lengths.write_header(&mut out)?;
        self.copy(&pictures, sounds.as_ref(), &mut out)?;
        out.flush()?;
        Ok(())
    }

    fn pictures(&self) -> Result<(Sizes, Vec<u32>), EngineError> {
        let first = self.reels.first().map(|reel| &reel.header);
        if self.reels.iter().any(|reel| Some(&reel.header) != first) {
            return Err(failed("the scenes are coded in different ways"));
        }
        let packets = || self.reels.iter().flat_map(|reel| &reel.packets);
        let keys = (1..)
            .zip(packets())
            .filter(|(_, packet)| packet.key)
            .map(|(number, _)| number);
        let sizes = Sizes {
            sizes: packets().map(|packet| packet.size).collect(),
            together: PICTURES,
        };
        Ok((sizes, keys.collect()))
    }

    fn index(
        &self,
        pictures: &Sizes,
        keys: &[u32],
        sounds: Option<&Sizes>,
        video: &[u64],
        audio: &[u64],
    ) -> Result<Moov, EngineError> {
        let ticks = TICKS / FPS;
        let duration = pictures.sizes.len() as u64 * u64::from(ticks);
        let header = self.reels.first().map(|reel| &reel.header);
        let entry = header
            .ok_or_else(|| failed("there are no pictures"))?
            .entry(self.shape)?;
        let mut table = pictures.table(entry, ticks, video);
        table.stss = Some(Stss {
            entries: keys.to_vec(),
        });
        let size = |pixels: u32| u16::try_from(pixels).map_err(failed);
        let mut tracks = vec![Trak {
            tkhd: Tkhd {
                track_id: 1,
                duration,
                enabled: true,
                in_movie: true,
                width: size(self.shape.width)?.into(),
                height: size(self.shape.height)?.into(),
                ..Default::default()
            },
            mdia: media(
                b"vide",
                duration,
                Minf {
                    vmhd: Some(Vmhd::default()),
                    dinf: here(),
                    stbl: table,
                    ..Default::default()
                },
            ),
            ..Default::default()
        }];
        if let Some(sounds) = sounds {
            let table = sounds.table(opus(), PACKET as u32, audio);
            tracks.push(Trak {
                tkhd: Tkhd {
                    track_id: 2,
                    duration,
                    alternate_group: 1,
                    enabled: true,
                    in_movie: true,
                    volume: 1.into(),
                    ..Default::default()
                },
                // The encoder's look-ahead at the beginning is left out, and what fills the last
                // packet up.
                edts: Some(Edts {
                    elst: Some(Elst {
                        entries: vec![ElstEntry {
                            segment_duration: duration,
                            media_time: Some(u64::from(PRE_SKIP)),
                            media_rate: 1.into(),
                        }],
                    }),
                }),
                mdia: media(
                    b"soun",
                    sounds.sizes.len() as u64 * PACKET as u64,
                    Minf {
                        smhd: Some(Smhd::default()),
                        dinf: here(),
                        stbl: table,
                        ..Default::default()
                    },
                ),
                ..Default::default()
            });
        }
        Ok(Moov {
            mvhd: Mvhd {
                timescale: TICKS,
                duration,
                rate: 1.into(),
                volume: 1.into(),
                next_track_id: tracks.len() as u32 + 1,
                ..Default::default()
            },
            trak: tracks,
            udta: self.chapter_list(),
            ..Default::default()
        })
    }

    /// Chapters as most players read them. It holds no more than 255.
    fn chapter_list(&self) -> Option<Udta> {
        let entries: Vec<ChplEntry> = self
            .chapters
            .iter()
            .take(255)
            .map(|chapter| {
                let mut title = chapter.title.as_str();
                while title.len() > TITLE_BYTES {
                    title = title
                        .char_indices()
                        .next_back()
                        .map_or("", |(at, _)| &title[..at]);
                }
                ChplEntry {
                    // In units of 100 nanoseconds.
                    start: u64::from(chapter.start_ms) * 10_000,
                    title: title.to_owned(),
                }
            })
            .collect();
        (!entries.is_empty()).then(|| Udta {
            chpl: Some(Chpl { entries }),
            ..Default::default()
        })
    }

    fn copy(
        self,
        pictures: &Sizes,
        sounds: Option<&Sizes>,
        out: &mut impl Write,
    ) -> Result<(), EngineError> {
        let mut video = Files::new(self.reels.into_iter().map(|reel| reel.path).collect());
        let sound = self.sound.iter().map(|sound| sound.path().to_owned());
        let mut audio = Files::new(sound.collect());
        let mut audio_chunks = sounds.into_iter().flat_map(Sizes::chunks);
        let mut chunk = |files: &mut Files, bytes: u64| -> Result<(), EngineError> {
            if self.cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            if std::io::copy(&mut files.take(bytes), out)? != bytes {
                return Err(failed("a file is shorter than it was"));
            }
            Ok(())
        };
        for bytes in pictures.chunks() {
            chunk(&mut video, bytes)?;
            if let Some(bytes) = audio_chunks.next() {
                chunk(&mut audio, bytes)?;
            }
        }
        for bytes in audio_chunks {
            chunk(&mut audio, bytes)?;
        }
        video.remove()?;
        audio.remove()?;
        Ok(())
    }
}

/// How much lies in which order: a second of pictures, a second of sound, and so on.
struct Lengths {
    /// Bytes, and whether they are pictures.
    chunks: Vec<(u64, bool)>,
    all: u64,
}

impl Lengths {
    fn of(pictures: &Sizes, sounds: Option<&Sizes>) -> Self {
        let mut audio = sounds.into_iter().flat_map(Sizes::chunks);
        let mut chunks = Vec::new();
        for bytes in pictures.chunks() {
            chunks.push((bytes, true));
            chunks.extend(audio.next().map(|bytes| (bytes, false)));
        }
        chunks.extend(audio.map(|bytes| (bytes, false)));
        let all = chunks.iter().map(|(bytes, _)| bytes).sum();
        Self { chunks, all }
    }

    /// Where pictures and sound lie when the first byte lies at `begin`.
    fn offsets(&self, begin: u64) -> (Vec<u64>, Vec<u64>) {
        let (mut video, mut audio) = (Vec::new(), Vec::new());
        let mut at = begin;
        for (bytes, pictures) in &self.chunks {
            let offsets = if *pictures { &mut video } else { &mut audio };
            offsets.push(at);
            at += bytes;
        }
        (video, audio)
    }

    /// Bytes of the box's header.
    fn header(&self) -> u64 {
        if u32::try_from(self.all + 8).is_ok() {
            8
        } else {
            16
        }
    }

    fn write_header(&self, out: &mut impl Write) -> std::io::Result<()> {
        let size = self.all + self.header();
        match u32::try_from(size) {
            Ok(size) if self.header() == 8 => {
                out.write_all(&size.to_be_bytes())?;
                out.write_all(b"mdat")
            }
            _ => {
                out.write_all(&1_u32.to_be_bytes())?;
                out.write_all(b"mdat")?;
                out.write_all(&size.to_be_bytes())
            }
        }
    }
}

/// Files read as if they were one.
struct Files {
    paths: Vec<PathBuf>,
    next: usize,
    open: Option<BufReader<File>>,
}

impl Files {
    fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            next: 0,
            open: None,
        }
    }

    fn take(&mut self, bytes: u64) -> impl Read {
        Read::take(self, bytes)
    }

    fn remove(self) -> std::io::Result<()> {
        drop(self.open);
        self.paths.iter().try_for_each(std::fs::remove_file)
    }
}

impl Read for Files {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(file) = &mut self.open {
                let read = file.read(into)?;
                if read > 0 || into.is_empty() {
                    return Ok(read);
                }
            }
            let Some(path) = self.paths.get(self.next) else {
                return Ok(0);
            };
            self.open = Some(BufReader::with_capacity(1 << 16, File::open(path)?));
            self.next += 1;
        }
    }
}

fn media(handler: &[u8; 4], duration: u64, minf: Minf) -> Mdia {
    Mdia {
        mdhd: Mdhd {
            timescale: TICKS,
            duration,
            language: "und".to_owned(),
            ..Default::default()
        },
        hdlr: Hdlr {
            handler: FourCC::new(handler),
            name: "Golpo AI for Confluence".to_owned(),
        },
        minf,
    }
}

/// Everything is in this very file.
fn here() -> Dinf {
    Dinf {
        dref: Dref {
            entries: vec![Url::default().into()],
        },
    }
}

fn opus() -> Entry {
    Entry::Opus(mp4_atom::Opus {
        audio: mp4_atom::Audio {
            data_reference_index: 1,
            channel_count: 1,
            sample_size: 16,
            sample_rate: (RATE as u16).into(),
        },
        dops: Dops {
            output_channel_count: 1,
            pre_skip: PRE_SKIP,
            input_sample_rate: RATE,
            output_gain: 0,
            channel_mapping: None,
        },
        btrt: None,
    })
}

/// What the length of a film in frames is in milliseconds must be whole.
const _: () = assert!(FPS * FRAME_MS == 1_000 && TICKS.is_multiple_of(FPS));
