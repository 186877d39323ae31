//! The local engine as its caller sees it: files that play, captions and chapters that fit them,
//! progress that rises, cancellation that ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::path::Path;
use std::time::{Duration, Instant};

use engine::local::{Config, LocalEngine, SpeechProgram, VideoCodec};
use engine::{EngineError, MadeVideo, Order, Progress, VideoEngine};
use protocol::{
    ErrorCode, Language, Length, Music, Orientation, Script, ScriptSection, Stage, VideoOptions,
    Voice,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

fn script(sections: &[(&str, &str)]) -> Script {
    let section = |(heading, text): &(&str, &str)| ScriptSection {
        heading: (*heading).to_owned(),
        text: (*text).to_owned(),
    };
    Script::new("A plan".to_owned(), sections.iter().map(section).collect()).unwrap()
}

fn short_script() -> Script {
    script(&[
        ("First", "One sentence here. <b>Another</b> one & more."),
        ("Second", "- an item\n- another"),
    ])
}

async fn make(
    config: Config,
    script: &Script,
    options: &VideoOptions,
    directory: &Path,
) -> (Result<MadeVideo, EngineError>, Vec<Progress>) {
    let engine = LocalEngine::new(config).unwrap();
    let start = Progress {
        stage: Stage::Waiting,
        percent: 0,
    };
    let (sender, mut receiver) = watch::channel(start);
    let watcher = tokio::spawn(async move {
        let mut seen = vec![start];
        while receiver.changed().await.is_ok() {
            seen.push(*receiver.borrow_and_update());
        }
        // The last value may have come together with the sender's end.
        seen.push(*receiver.borrow());
        seen
    });
    let order = Order {
        script,
        options,
        api_key: None,
        journal: &engine::NoJournal,
        directory,
    };
    let made = engine.make(order, sender, CancellationToken::new()).await;
    (made, watcher.await.unwrap())
}

/// `HH:MM:SS.mmm --> HH:MM:SS.mmm` lines in milliseconds.
fn cue_times(vtt: &str) -> Vec<(u32, u32)> {
    let stamp = |text: &str| {
        let parts: Vec<u32> = text
            .split([':', '.'])
            .map(|part| part.parse().unwrap())
            .collect();
        ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1_000 + parts[3]
    };
    vtt.lines()
        .filter_map(|line| line.split_once(" --> "))
        .map(|(start, end)| (stamp(start), stamp(end)))
        .collect()
}

/// The order of a file's boxes.
fn boxes(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + 8) {
        let size = u32::from_be_bytes(header[..4].try_into().unwrap()) as usize;
        names.push(String::from_utf8_lossy(&header[4..]).into_owned());
        assert!(size >= 8, "a box of {size} bytes");
        at += size;
    }
    assert_eq!(at, bytes.len(), "the last box ends with the file");
    names
}

struct Seen {
    codec: String,
    width: u16,
    height: u16,
    /// Seconds.
    length: f64,
    frames: usize,
    keyframes: Vec<usize>,
    sound: Option<f64>,
}

fn look_at(path: &Path) -> Seen {
    let (mp4, bytes) = re_mp4::Mp4::read_file(path).unwrap();
    let names = boxes(&bytes);
    let place = |name: &str| names.iter().position(|found| found == name);
    assert_eq!(place("ftyp"), Some(0));
    assert!(place("moov") < place("mdat"), "{names:?}");
    let mut seen = Seen {
        codec: String::new(),
        width: 0,
        height: 0,
        length: 0.0,
        frames: 0,
        keyframes: Vec::new(),
        sound: None,
    };
    for track in mp4.tracks().values() {
        let length = track.duration as f64 / track.timescale as f64;
        match track.kind {
            Some(re_mp4::TrackKind::Video) => {
                seen.codec = track.codec_string(&mp4).unwrap();
                seen.width = track.width;
                seen.height = track.height;
                seen.length = length;
                seen.frames = track.samples.len();
                let keys = track
                    .samples
                    .iter()
                    .enumerate()
                    .filter(|(_, sample)| sample.is_sync);
                seen.keyframes = keys.map(|(at, _)| at).collect();
            }
            // The parser knows no Opus, but it knows a sound track's handler.
            _ if track.trak(&mp4).mdia.hdlr.handler_type == (*b"soun").into() => {
                assert!(bytes.windows(4).any(|name| name == b"Opus"));
                seen.sound = Some(length);
            }
            _ => {}
        }
    }
    seen
}

#[tokio::test]
async fn a_silent_video_is_whole_and_the_same_each_time() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (made, progress) = make(
        Config::silent(),
        &short_script(),
        &VideoOptions::default(),
        first.path(),
    )
    .await;
    let made = made.unwrap();
    let seen = look_at(&made.video);
    assert_eq!((seen.width, seen.height), (1280, 720));
    assert!(seen.codec.starts_with("avc1"), "{}", seen.codec);
    assert!(seen.length >= 10.0 && seen.sound.is_none());
    assert!(
        (seen.length * 1_000.0 - f64::from(made.duration_ms)).abs() < 2.0,
        "{} {}",
        seen.length,
        made.duration_ms
    );
    assert!(seen.frames as f64 / seen.length >= 24.0);

    // Chapters begin with a keyframe each, and the first at the beginning.
    let titles: Vec<_> = made
        .chapters
        .iter()
        .map(|chapter| chapter.title.as_str())
        .collect();
    assert_eq!(titles, ["A plan", "First", "Second"]);
    assert_eq!(made.chapters[0].start_ms, 0);
    for chapter in &made.chapters {
        assert!(
            seen.keyframes.contains(&((chapter.start_ms / 40) as usize)),
            "{chapter:?} {:?}",
            seen.keyframes
        );
    }

    let vtt = std::fs::read_to_string(&made.captions).unwrap();
    assert!(vtt.starts_with("WEBVTT\n"));
    for line in [
        "A plan",
        "First",
        "One sentence here.",
        "&lt;b&gt;Another&lt;/b&gt; one &amp; more.",
        "Second",
        "an item",
        "another",
    ] {
        assert!(vtt.lines().any(|found| found == line), "{line} in {vtt}");
    }
    let cues = cue_times(&vtt);
    assert!(
        cues.iter()
            .all(|(start, end)| start < end && *end <= made.duration_ms)
    );
    assert!(
        cues.windows(2).all(|pair| pair[0].1 <= pair[1].0),
        "{cues:?}"
    );

    // A finished board: some of it is ink.
    let poster = tiny_skia::Pixmap::load_png(&made.poster).unwrap();
    assert_eq!((poster.width(), poster.height()), (1280, 720));
    let dark = poster
        .pixels()
        .iter()
        .filter(|pixel| pixel.red() < 100)
        .count();
    assert!(dark > 1_000, "{dark} dark pixels");

    assert!(
        progress
            .windows(2)
            .all(|pair| pair[0].percent <= pair[1].percent && pair[0].stage <= pair[1].stage),
        "{progress:?}"
    );
    assert_eq!(progress.last().unwrap().percent, 100);
    assert!(
        progress.iter().any(
            |progress| progress.stage == Stage::Drawing && (26..99).contains(&progress.percent)
        )
    );

    let names: Vec<_> = std::fs::read_dir(first.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let told = std::fs::read_to_string(&made.transcript).unwrap();
    assert!(
        told.starts_with("[00:00] A plan\n\n[")
            && told.contains("] First\nOne sentence here. <b>Another</b> one & more.\n\n["),
        "{told}"
    );

    let (again, _) = make(
        Config::silent(),
        &short_script(),
        &VideoOptions::default(),
        second.path(),
    )
    .await;
    assert_eq!(
        std::fs::read(&made.video).unwrap(),
        std::fs::read(again.unwrap().video).unwrap()
    );
}

#[tokio::test]
async fn shapes_and_lengths_are_kept() {
    let long = "A sentence of six short words. ".repeat(60);
    let script = script(&[("First", &long), ("Second", &long)]);
    let options = VideoOptions {
        orientation: Orientation::Portrait,
        length: Length::Seconds30,
        ..VideoOptions::default()
    };
    let directory = tempfile::tempdir().unwrap();
    let (made, _) = make(Config::silent(), &script, &options, directory.path()).await;
    let made = made.unwrap();
    let seen = look_at(&made.video);
    assert_eq!((seen.width, seen.height), (720, 1280));
    assert!(
        (20_000..=30_000).contains(&made.duration_ms),
        "{}",
        made.duration_ms
    );
    // Both sections are told of, in whole sentences.
    assert_eq!(made.chapters.len(), 3);
    let vtt = std::fs::read_to_string(&made.captions).unwrap();
    assert!(
        vtt.lines()
            .filter(|line| line.starts_with("A sentence"))
            .all(|line| line == "A sentence of six short words.")
    );
}

#[tokio::test]
async fn cancellation_ends_soon_wherever_it_comes() {
    let long = script(&[("Long", &"A sentence of six short words. ".repeat(200))]);
    let short = short_script();
    for (script, percent) in [
        (&short, 0),
        (&short, 25),
        (&long, 27),
        (&short, 60),
        (&short, 98),
    ] {
        let options = VideoOptions {
            music: if percent == 27 {
                Music::None
            } else {
                Music::Jazz
            },
            ..VideoOptions::default()
        };
        let directory = tempfile::tempdir().unwrap();
        let engine = LocalEngine::new(Config::silent()).unwrap();
        let (sender, mut receiver) = watch::channel(Progress {
            stage: Stage::Waiting,
            percent: 0,
        });
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        let stopper = tokio::spawn(async move {
            receiver
                .wait_for(|progress| progress.percent >= percent)
                .await
                .unwrap();
            stop.cancel();
            Instant::now()
        });
        let order = Order {
            script,
            options: &options,
            api_key: None,
            journal: &engine::NoJournal,
            directory: directory.path(),
        };
        let made = engine.make(order, sender, cancel).await;
        let ended = Instant::now();
        assert!(
            matches!(made, Err(EngineError::Cancelled)),
            "at {percent}: {made:?}"
        );
        let took = ended - stopper.await.unwrap();
        // A frame or a sentence later; on a machine that is busy with other things that may be seconds.
        assert!(took < Duration::from_secs(10), "at {percent}: {took:?}");
    }
}

#[tokio::test]
async fn what_is_not_offered_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let endless = script(&[("Long", &"word ".repeat(39_000))]);
    let (made, _) = make(
        Config::silent(),
        &endless,
        &VideoOptions::default(),
        directory.path(),
    )
    .await;
    assert_eq!(made.unwrap_err().code(), ErrorCode::TooLarge);

    let offered = LocalEngine::new(Config::silent())
        .unwrap()
        .describe()
        .options;
    assert!(offered.voices.is_empty());
    assert_eq!(offered.music[0], Music::None);
    assert_eq!(offered.music.len(), 8);
    assert!(
        offered
            .languages
            .iter()
            .any(|language| language.as_str() == "de")
    );
}

#[cfg(unix)]
fn program(directory: &Path, body: &str) -> SpeechProgram {
    use std::os::unix::fs::PermissionsExt;
    let path = directory.join("speaker");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    SpeechProgram {
        program: path,
        args: vec![
            "{voice}/{language}".into(),
            "{text-file}".into(),
            "{output}".into(),
        ],
        voices: vec![(Voice::Female1, "v".into())],
        languages: vec![(Language::default(), "en".into())],
        timeout: Duration::from_secs(20),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_speech_program_that_fails_or_hangs_fails_the_order_alone() {
    let (tools, directory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let speaking = |body: &str, timeout| Config {
        speech: Some(SpeechProgram {
            timeout,
            ..program(tools.path(), body)
        }),
        ..Config::silent()
    };
    for body in [
        "exit 3",
        "exec /bin/sleep 30",
        "echo no sound > \"$3\"",
        "true",
    ] {
        let start = Instant::now();
        let config = speaking(body, Duration::from_millis(300));
        let (made, _) = make(
            config,
            &short_script(),
            &VideoOptions::default(),
            directory.path(),
        )
        .await;
        assert!(made.is_err(), "{body}: {made:?}");
        assert!(
            matches!(made, Err(EngineError::Part { part: "speech", .. })),
            "{body}: {made:?}"
        );
        assert!(start.elapsed() < Duration::from_secs(5));
    }
    // What it gets: the text in a file, nothing of it among its arguments or environment.
    let body =
        "echo \"$*\" > \"$2.seen\"; /usr/bin/env >> \"$2.seen\"; cat \"$2\" > \"$2.text\"; exit 1";
    let config = speaking(body, Duration::from_secs(20));
    let (made, _) = make(
        config,
        &short_script(),
        &VideoOptions::default(),
        directory.path(),
    )
    .await;
    assert!(made.is_err());
    let seen = std::fs::read_to_string(directory.path().join("sentence-0.txt.seen")).unwrap();
    assert!(
        seen.starts_with("v/en ") && !seen.contains("A plan") && !seen.contains("CARGO"),
        "{seen}"
    );
    let text = std::fs::read_to_string(directory.path().join("sentence-0.txt.text")).unwrap();
    assert_eq!(text, "A plan\n");
}

fn program_answers(program: &str) -> bool {
    let mut command = std::process::Command::new(program);
    command.arg("-version").output().is_ok()
}

/// Times inside of cues rise, lie within their cue, and there is one for most words but the first.
fn words_are_timed(vtt: &str) {
    let ms = |stamp: &str| cue_times(&format!("{stamp} --> {stamp}"))[0].0;
    let (mut timed, mut words, mut cue) = (0, 0, (0, 0));
    for line in vtt.lines() {
        if line.contains(" --> ") {
            cue = cue_times(line)[0];
            continue;
        }
        let mut last = cue.0;
        words += line.split(' ').count() - 1;
        for rest in line.split('<').skip(1) {
            let (stamp, word) = rest.split_once('>').unwrap();
            assert!(!word.starts_with(' '), "{line}");
            assert!(ms(stamp) > last && ms(stamp) < cue.1, "{line} in {cue:?}");
            last = ms(stamp);
            timed += 1;
        }
    }
    assert!(timed * 10 > words * 7, "{timed} of {words} words in {vtt}");
}

fn run(program: &str, arguments: &[&str]) -> (String, String) {
    let mut command = std::process::Command::new(program);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// ffmpeg finds nothing wrong, the same chapters, and the loudness that is aimed at.
fn a_second_program_reads_it(made: &MadeVideo) {
    let video = made.video.to_str().unwrap();
    let wanted = [
        "-v",
        "warning",
        "-show_streams",
        "-show_chapters",
        "-of",
        "json",
        video,
    ];
    let (shown, complaints) = run("ffprobe", &wanted);
    assert_eq!(complaints, "");
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let stream = |at: usize, key: &str| shown["streams"][at][key].as_str().unwrap_or_default();
    assert_eq!(
        (stream(0, "codec_name"), stream(1, "codec_name")),
        ("h264", "opus")
    );
    assert_eq!(stream(0, "avg_frame_rate"), "25/1");
    assert_eq!(
        (stream(0, "color_space"), stream(0, "color_range")),
        ("bt709", "tv")
    );
    let seconds = |at: usize| stream(at, "duration").parse::<f64>().unwrap();
    let wanted = f64::from(made.duration_ms) / 1_000.0;
    assert!((seconds(0) - wanted).abs() < 0.002, "{shown}");
    assert!((seconds(1) - wanted).abs() < 0.05, "{shown}");
    let titles: Vec<&str> = shown["chapters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chapter| chapter["tags"]["title"].as_str().unwrap())
        .collect();
    let expected: Vec<&str> = made.chapters.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, expected);

    // Every picture and sound is decoded without a complaint.
    let (_, complaints) = run("ffmpeg", &["-v", "warning", "-i", video, "-f", "null", "-"]);
    assert_eq!(complaints, "");
    let level = ["-nostats", "-i", video, "-af", "ebur128", "-f", "null", "-"];
    let (_, measured) = run("ffmpeg", &level);
    let (_, summary) = measured.rsplit_once("Integrated loudness:").unwrap();
    let loudness = summary.split_whitespace().nth(1).unwrap();
    let loudness: f64 = loudness.parse().unwrap();
    assert!((loudness + 16.0).abs() < 1.0, "{loudness} LUFS");

    let captions = made.captions.to_str().unwrap();
    let cues = ["-v", "warning", "-show_packets", "-of", "json", captions];
    let (shown, complaints) = run("ffprobe", &cues);
    assert_eq!(complaints, "");
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["packets"].as_array().unwrap().len(), 7);
}

#[test]
fn languages_are_offered_where_there_are_letters_for_them() {
    let offered = |config: Config| -> Vec<String> {
        let described = LocalEngine::new(config).unwrap().describe();
        let languages = described.options.languages.iter();
        languages
            .map(|language| language.as_str().to_owned())
            .collect()
    };
    let built_in = offered(Config::silent());
    for language in ["en", "de", "el", "ru", "ar", "he", "hi"] {
        assert!(built_in.iter().any(|found| found == language), "{language}");
    }
    for language in ["zh", "ja", "ko"] {
        assert!(
            !built_in.iter().any(|found| found == language),
            "{language}"
        );
    }
    let few = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts");
    let with_few = offered(Config {
        font_folders: vec![few],
        ..Config::silent()
    });
    let more: Vec<&String> = with_few
        .iter()
        .filter(|one| !built_in.contains(one))
        .collect();
    assert_eq!(more, ["zh", "ja"]);
}

#[tokio::test]
async fn av1_is_the_same_film() {
    assert!(
        program_answers("ffmpeg") && program_answers("ffprobe"),
        "ffmpeg is needed to look into the file: `cargo xtask test --only rust` installs it"
    );
    let options = VideoOptions {
        orientation: Orientation::Square,
        ..VideoOptions::default()
    };
    let (plain, directory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (made, _) = make(Config::silent(), &short_script(), &options, plain.path()).await;
    let plain = made.unwrap();
    let config = Config {
        codec: VideoCodec::Av1,
        ..Config::silent()
    };
    let (made, _) = make(config, &short_script(), &options, directory.path()).await;
    let made = made.unwrap();
    let (seen, beside) = (look_at(&made.video), look_at(&plain.video));
    assert_eq!(seen.codec, "av01.0.08M.08");
    assert_eq!(
        (seen.frames, &seen.keyframes),
        (beside.frames, &beside.keyframes)
    );
    assert_eq!(
        (seen.width, seen.height, made.duration_ms),
        (beside.width, beside.height, plain.duration_ms)
    );

    let video = made.video.to_str().unwrap();
    let wanted = ["-v", "warning", "-show_streams", "-of", "json", video];
    let (shown, complaints) = run("ffprobe", &wanted);
    assert_eq!(complaints, "");
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let stream = &shown["streams"][0];
    assert_eq!(stream["codec_name"], "av1", "{shown}");
    assert_eq!(
        (&stream["color_space"], &stream["color_range"]),
        (&"bt709".into(), &"tv".into())
    );

    // It is decoded without a complaint, and shows what the other shows.
    let (video, other) = (made.video.to_str().unwrap(), plain.video.to_str().unwrap());
    let compare = [
        "-nostats", "-i", video, "-i", other, "-lavfi", "ssim", "-f", "null", "-",
    ];
    let (_, said) = run("ffmpeg", &compare);
    let (_, all) = said.rsplit_once("All:").expect("a similarity");
    let similarity: f64 = all.split_whitespace().next().unwrap().parse().unwrap();
    println!("similarity {similarity}");
    assert!(similarity > 0.97, "{said}");
    let (_, complaints) = run("ffmpeg", &["-v", "warning", "-i", video, "-f", "null", "-"]);
    assert_eq!(complaints, "");
}

#[tokio::test]
async fn espeak_ng_narrates() {
    let config = Config::detect(std::env::var_os("PATH").as_deref());
    assert!(
        config.speech.is_some(),
        "espeak-ng is not in PATH: `cargo xtask setup`"
    );
    let directory = tempfile::tempdir().unwrap();
    let options = VideoOptions {
        voice: Voice::Male1,
        orientation: Orientation::Square,
        music: Music::Lofi,
        ..VideoOptions::default()
    };
    let (made, _) = make(config.clone(), &short_script(), &options, directory.path()).await;
    let made = made.unwrap();
    let seen = look_at(&made.video);
    let sound = seen.sound.expect("a sound track");
    assert!((sound - seen.length).abs() < 0.1, "{sound} {}", seen.length);
    let vtt = std::fs::read_to_string(&made.captions).unwrap();
    let cues = cue_times(&vtt);
    assert!(
        cues.windows(2).all(|pair| pair[0].1 <= pair[1].0) && cues.len() == 7,
        "{cues:?}"
    );
    let mut args = config.speech.iter().flat_map(|speech| &speech.args);
    assert!(
        args.any(|argument| argument == "{words}"),
        "times of words take python3 and espeak-ng's library: `cargo xtask setup`"
    );
    words_are_timed(&vtt);
    assert!(
        program_answers("ffmpeg") && program_answers("ffprobe"),
        "ffmpeg is needed to look into the file: `cargo xtask test --only rust` installs it"
    );
    a_second_program_reads_it(&made);

    // What it was put together from is gone.
    let files = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files, 4);

    let again = tempfile::tempdir().unwrap();
    let (second, _) = make(config.clone(), &short_script(), &options, again.path()).await;
    assert_eq!(
        std::fs::read(&made.video).unwrap(),
        std::fs::read(second.unwrap().video).unwrap(),
        "the same order is the same file"
    );

    let options = VideoOptions {
        language: Language::try_from("tlh".to_owned()).unwrap(),
        ..options
    };
    let (made, _) = make(config, &short_script(), &options, directory.path()).await;
    assert!(matches!(made, Err(EngineError::Unsupported(_))));
}
