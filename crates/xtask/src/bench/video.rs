//! `cargo xtask bench video`: a narrated film by the local engine beside real time, beside Remotion
//! (a browser that draws the same slides frame by frame), beside libx264 fed the same frames, and
//! beside a slide show of still pictures by ffmpeg; and the memory that a long film takes. Linux
//! alone, since the processor's time and the memory are read from /proc.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde::Deserialize;

use super::programs::{Programs, printed};
use super::{LIMIT, PASSES, Row, line, rounded};
use crate::chromium;
use crate::debian::Debian;
use crate::failure::{Failure, Outcome, at};
use crate::project::{Project, node_program};
use crate::run;
use crate::terminal::Terminal;
use crate::tool::{ESPEAK, FFPROBE};

/// Of the film that speed is measured on.
const SECONDS: &str = "60";
/// Of the film that memory is measured on.
const LONG_SECONDS: &str = "600";
const MEGABYTES: f64 = 150.0;
const REAL_TIME: &str = "seconds of film a second";
const PROCESSOR: &str = "seconds of film a second of processor time";

/// What `video-bench` prints.
#[derive(Debug, Clone, Deserialize)]
struct Film {
    narrated: bool,
    /// Length.
    seconds: f64,
    bytes: u64,
    /// Seconds from order to file.
    took: f64,
    /// Seconds of processor time, without the speech program's.
    processor: f64,
    megabytes: f64,
    /// Seconds of each stage.
    stages: BTreeMap<String, f64>,
}

/// What `render.mjs` prints.
#[derive(Debug, Deserialize)]
struct Rendered {
    took: f64,
    seconds: f64,
}

/// What ffmpeg took for a film of ours.
#[derive(Debug, Clone, Copy)]
struct Encoded {
    /// Seconds of processor time.
    processor: f64,
    /// Seconds.
    took: f64,
    bytes: u64,
}

/// Everything that was measured; the best of several passes.
struct Measured {
    film: Film,
    long: Film,
    remotion: Rendered,
    /// libx264 by preset.
    x264: Vec<(&'static str, Encoded)>,
    slides: Encoded,
}

pub(super) fn run(json: bool, project: &Project, terminal: &Terminal) -> Outcome {
    if !cfg!(target_os = "linux") {
        let action = "Run it on Linux.";
        return Err(Failure::new("this bench reads Linux's /proc", action));
    }
    let debian = Debian::look();
    let chromium = chromium::ensure(&debian, terminal)?;
    for tool in [&FFPROBE, &ESPEAK] {
        if !tool.is_there() {
            let action = format!("Run: {}", tool.how_to_install(&debian));
            return Err(Failure::new(format!("{} is missing", tool.program), action));
        }
    }
    let programs = Programs::prepare("video", project, terminal)?;
    let measured = measure(&programs, &chromium, terminal)?;
    let rows = rows(&measured);
    if json {
        terminal.result(serde_json::to_string_pretty(&rows).unwrap_or_default());
    } else {
        report(&measured, &rows, terminal);
    }
    Ok(())
}

fn measure(programs: &Programs<'_>, chromium: &Path, terminal: &Terminal) -> Outcome<Measured> {
    let make = |name: &str, seconds: &str| -> Outcome<(Film, PathBuf)> {
        let folder = empty(programs.folder().join("film"))?;
        let mut command = programs.native("video-bench");
        command.arg(&folder).arg(seconds);
        let film: Film = printed(terminal, name, command)?;
        if !film.narrated {
            let action = "Check that espeak-ng speaks.";
            return Err(Failure::new("the film is silent", action));
        }
        Ok((film, folder))
    };
    let (long, _) = make("a film of ten minutes", LONG_SECONDS)?;
    let mut film: Option<Film> = None;
    let mut x264: Vec<(&'static str, Encoded)> = Vec::new();
    let mut folder = PathBuf::new();
    for pass in 1..=PASSES {
        let name = format!("pass {pass} of {PASSES}: a film of a minute");
        let (made, into) = make(&name, SECONDS)?;
        folder = into;
        if film.as_ref().is_none_or(|best| made.took < best.took) {
            film = Some(made);
        }
        for preset in ["veryfast", "medium"] {
            let name = format!("pass {pass} of {PASSES}: libx264 {preset}");
            let encoded = frames(&folder, preset, &name, terminal)?;
            match x264.iter_mut().find(|(known, _)| *known == preset) {
                Some((_, best)) if best.processor <= encoded.processor => {}
                Some((_, best)) => *best = encoded,
                None => x264.push((preset, encoded)),
            }
        }
    }
    let slides = slides(&folder, terminal)?;
    let mut render = Command::new(node_program("node"));
    render
        .arg(programs.source().join("render.mjs"))
        .arg(folder.join("slides.json"))
        .arg(programs.npm())
        .arg(chromium)
        .arg(folder.join("remotion.mp4"));
    let remotion = printed(terminal, "Remotion", render)?;
    let Some(film) = film else {
        return Err(Failure::new("no film was made", "Run it again."));
    };
    Ok(Measured {
        film,
        long,
        remotion,
        x264,
        slides,
    })
}

fn empty(folder: PathBuf) -> Outcome<PathBuf> {
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(at("make", &folder))?;
    Ok(folder)
}

/// libx264 fed the film's frames, which another ffmpeg takes out of it.
fn frames(folder: &Path, preset: &str, name: &str, terminal: &Terminal) -> Outcome<Encoded> {
    let pipe = format!(
        "ffmpeg -v error -i video.mp4 -map 0:v -f yuv4mpegpipe - | \
         ffmpeg -y -nostats -benchmark -f yuv4mpegpipe -i - -c:v libx264 -preset {preset} x264.mp4"
    );
    ffmpeg(folder, &pipe, "x264.mp4", name, terminal)
}

/// Each scene's last picture as a still, shown as long as the scene lasts.
fn slides(folder: &Path, terminal: &Terminal) -> Outcome<Encoded> {
    #[derive(Deserialize)]
    struct Slide {
        start: u32,
        end: u32,
    }
    #[derive(Deserialize)]
    struct Slides {
        slides: Vec<Slide>,
    }
    let path = folder.join("slides.json");
    let text = std::fs::read_to_string(&path).map_err(at("read", &path))?;
    let broken = |error: serde_json::Error| Failure::new(error.to_string(), "Run it again.");
    let slides: Slides = serde_json::from_str(&text).map_err(broken)?;
    let mut list = String::new();
    let step = terminal.step("still pictures");
    for (number, slide) in slides.slides.iter().enumerate() {
        let seconds = |ms: u32| format!("{:.3}", f64::from(ms) / 1e3);
        let mut still = Command::new("ffmpeg");
        still
            .current_dir(folder)
            .args(["-y", "-v", "error", "-ss"])
            .arg(seconds(slide.end.saturating_sub(600)))
            .args(["-i", "video.mp4", "-frames:v", "1"])
            .arg(format!("slide-{number}.png"));
        run::quiet(still, &step, Some(LIMIT), "Run it by hand to see more.")?;
        let length = seconds(slide.end - slide.start);
        list += &format!("file 'slide-{number}.png'\nduration {length}\n");
    }
    step.done("");
    let path = folder.join("slides.txt");
    std::fs::write(&path, list).map_err(at("write", &path))?;
    let show = "ffmpeg -y -nostats -benchmark -f concat -i slides.txt -vf fps=25,format=yuv420p \
                -c:v libx264 slides.mp4";
    ffmpeg(folder, show, "slides.mp4", "ffmpeg's slide show", terminal)
}

fn ffmpeg(
    folder: &Path,
    shell: &str,
    made: &str,
    name: &str,
    terminal: &Terminal,
) -> Outcome<Encoded> {
    let step = terminal.step(name);
    let mut command = Command::new("sh");
    command.current_dir(folder).args(["-c", shell]);
    let started = Instant::now();
    let advice = "Run it by hand to see more.";
    let lines = run::quiet(command, &step, Some(LIMIT), advice)?;
    let took = started.elapsed().as_secs_f64();
    let Some(processor) = lines.iter().find_map(|line| benchmark(line)) else {
        let what = "ffmpeg did not say how long it took";
        return Err(Failure::new(what, advice).with_output(&lines));
    };
    step.done("");
    let path = folder.join(made);
    let bytes = std::fs::metadata(&path).map_err(at("read", &path))?.len();
    Ok(Encoded {
        processor,
        took,
        bytes,
    })
}

/// Seconds of processor time of a line like `bench: utime=8.123s stime=0.200s rtime=4.500s`.
fn benchmark(line: &str) -> Option<f64> {
    let times = line.trim().strip_prefix("bench: utime=")?;
    let mut times = times.split_whitespace();
    let user: f64 = times.next()?.strip_suffix('s')?.parse().ok()?;
    let system = times.next()?.strip_prefix("stime=")?;
    Some(user + system.strip_suffix('s')?.parse::<f64>().ok()?)
}

fn rows(measured: &Measured) -> Vec<Row> {
    let film = &measured.film;
    let row = |name: &str, ours: f64, (peer_name, peer): (&str, f64), unit, goal| Row {
        name: name.to_owned(),
        ours: Some(rounded(ours)),
        peer: rounded(peer),
        peer_name: peer_name.to_owned(),
        unit,
        ratio: Some(rounded(ours / peer)),
        goal,
    };
    let speed = film.seconds / film.took;
    let mut rows = vec![
        row(
            "a narrated minute, order to file",
            speed,
            ("real time", 1.0),
            REAL_TIME,
            Some(8.0),
        ),
        row(
            "a narrated minute, order to file",
            speed,
            (
                "Remotion",
                measured.remotion.seconds / measured.remotion.took,
            ),
            REAL_TIME,
            Some(3.0),
        ),
    ];
    for (preset, x264) in &measured.x264 {
        rows.push(row(
            "a narrated minute, drawn, mixed and encoded",
            film.seconds / film.processor,
            (&format!("libx264 {preset}"), film.seconds / x264.processor),
            PROCESSOR,
            Some(1.0),
        ));
    }
    rows.push(row(
        "a narrated minute, drawn, mixed and encoded",
        film.seconds / film.processor,
        (
            "ffmpeg slide show",
            film.seconds / measured.slides.processor,
        ),
        PROCESSOR,
        None,
    ));
    let long = &measured.long;
    rows.push(Row {
        name: "memory of ten minutes".to_owned(),
        ours: Some(rounded(long.megabytes)),
        peer: MEGABYTES,
        peer_name: "limit".to_owned(),
        unit: "MB resident at most",
        ratio: Some(rounded(MEGABYTES / long.megabytes)),
        goal: Some(1.0),
    });
    rows
}

fn report(measured: &Measured, rows: &[Row], terminal: &Terminal) {
    for film in [&measured.film, &measured.long] {
        terminal.result(format!(
            "A film of {:.0} s: {:.2} s, {:.2} s of processor time, {:.0} MB of memory, {:.1} MB\n",
            film.seconds,
            film.took,
            film.processor,
            film.megabytes,
            film.bytes as f64 / 1e6
        ));
        for (stage, seconds) in &film.stages {
            terminal.result(format!("  {stage:<12} {seconds:>8.2} s"));
        }
        terminal.result("");
    }
    let encoded = measured.x264.iter().map(|(preset, one)| (*preset, one));
    for (name, one) in encoded.chain([("slide show", &measured.slides)]) {
        terminal.result(format!(
            "  ffmpeg, {name:<12} {:>8.2} s of processor time, {:>6.2} s, {:.1} MB",
            one.processor,
            one.took,
            one.bytes as f64 / 1e6
        ));
    }
    terminal.result("\nGoals\n");
    rows.iter().for_each(|row| terminal.result(line(row)));
    terminal.result(
        "\nThe best of all passes; the film, ten minutes and the slide show are measured in one run. Drawing and \
         encoding\nare done by several threads at once, whose times are added up; narration is the wait for the \
         speech program.\nRemotion renders the same text letter by letter on 2 tabs of Chromium, without sound and \
         without its bundler's\ntime; it is free for companies of up to three only, and nothing but this bench uses \
         it. libx264 gets the\nfilm's own frames, ready drawn, from another ffmpeg, whose time does not count.",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(seconds: f64, took: f64, megabytes: f64) -> Film {
        Film {
            narrated: true,
            seconds,
            bytes: 1,
            took,
            processor: took * 2.0,
            megabytes,
            stages: BTreeMap::new(),
        }
    }

    #[test]
    fn what_ffmpeg_says_is_read() {
        let line = "bench: utime=8.125s stime=0.250s rtime=4.500s";
        assert_eq!(benchmark(line), Some(8.375));
        assert_eq!(benchmark("bench: maxrss=51200kB"), None);
        assert_eq!(benchmark("video:1kB audio:0kB"), None);
    }

    #[test]
    fn goals_are_met_by_what_is_quick_and_small_enough() {
        let encoded = |processor| Encoded {
            processor,
            took: 1.0,
            bytes: 1,
        };
        let measured = |took, megabytes| Measured {
            film: film(60.0, took, 50.0),
            long: film(600.0, 60.0, megabytes),
            remotion: Rendered {
                took: 40.0,
                seconds: 60.0,
            },
            x264: vec![("veryfast", encoded(12.0))],
            slides: encoded(1.0),
        };
        let met = |measured: &Measured| -> Vec<bool> {
            let rows = rows(measured);
            let goals = rows.iter().filter_map(|row| Some((row.ratio?, row.goal?)));
            goals.map(|(ratio, goal)| ratio >= goal).collect()
        };
        assert_eq!(met(&measured(5.0, 100.0)), [true, true, true, true]);
        assert_eq!(met(&measured(14.0, 151.0)), [false, false, false, false]);
    }
}
