use opus_rs::OpusDecoder;
use protocol::Music;

use super::*;

/// Bursts of noise and tone, as words are, of a strength.
fn babble(seconds: u32, strength: f32) -> Vec<f32> {
    let mut seed = 1_u32;
    (0..seconds * RATE)
        .map(|at| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 8) as f32 / 8_388_608.0 - 1.0;
            let time = at as f32 / RATE as f32;
            let word = (time * 4.0).fract() < 0.7;
            let tone = (time * 180.0 * std::f32::consts::TAU).sin();
            if word {
                (tone * 0.8 + noise * 0.2) * strength
            } else {
                0.0
            }
        })
        .collect()
}

/// A mix as a player hears it.
fn heard(track: &Track) -> Vec<f32> {
    let bytes = std::fs::read(track.path()).unwrap();
    let mut decoder = OpusDecoder::new(RATE as i32, 1).unwrap();
    let (mut rest, mut all) = (bytes.as_slice(), Vec::new());
    for size in &track.sizes {
        let (packet, after) = rest.split_at(*size as usize);
        let mut samples = [0.0; PACKET];
        let count = decoder.decode(packet, PACKET, &mut samples).unwrap();
        assert_eq!(count, PACKET);
        all.extend_from_slice(&samples);
        rest = after;
    }
    assert!(rest.is_empty());
    all.split_off(usize::from(PRE_SKIP))
}

fn loudness(samples: &[f32]) -> f64 {
    let mut meter = EbuR128::new(1, RATE, Mode::I).unwrap();
    meter.add_frames_f32(samples).unwrap();
    meter.loudness_global().unwrap()
}

fn power(samples: &[f32]) -> f32 {
    let all: f32 = samples.iter().map(|sample| sample * sample).sum();
    10.0 * (all / samples.len() as f32).log10()
}

fn mixed(clips: &[(u32, Vec<f32>)], music: Music, end_ms: u32) -> Option<Vec<f32>> {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::new(directory.path()).unwrap();
    for (at_ms, samples) in clips {
        recording.push(*at_ms, samples).unwrap();
    }
    recording.end().unwrap();
    let music = Loop::of(music, &CancellationToken::new());
    let track = recording
        .mix(end_ms, music.as_ref(), &CancellationToken::new())
        .unwrap()?;
    Some(heard(&track))
}

#[test]
fn soft_and_loud_narrators_come_out_equally_loud() {
    for (strength, music) in [
        (0.02, Music::None),
        (0.9, Music::None),
        (0.2, Music::Lofi),
        (0.05, Music::Dramatic),
    ] {
        let clips = [
            (400, babble(3, strength)),
            (4_000, babble(2, strength)),
            (9_000, babble(4, strength)),
        ];
        let heard = mixed(&clips, music, 15_000).unwrap();
        let loudness = loudness(&heard);
        assert!(
            (loudness - LOUDNESS).abs() < 1.0,
            "{strength} with {music:?}: {loudness} LUFS"
        );
        let peak = heard
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        assert!(peak < 1.0, "{strength} with {music:?}: {peak}");
        // It lasts as long as the film, and little longer.
        let packet = PACKET as i64;
        let over = heard.len() as i64 - 15 * i64::from(RATE);
        assert!((0..2 * packet).contains(&over), "{over}");
    }
}

#[test]
fn music_alone_is_as_loud_and_silence_is_no_track() {
    let heard = mixed(&[], Music::Inspirational, 12_000).unwrap();
    let loudness = loudness(&heard);
    assert!((loudness - LOUDNESS).abs() < 1.0, "{loudness} LUFS");
    // It comes and goes softly.
    let rate = RATE as usize;
    assert!(power(&heard[..rate / 20]) < power(&heard[3 * rate..4 * rate]) - 12.0);
    assert!(
        power(&heard[12 * rate - rate / 20..12 * rate]) < power(&heard[3 * rate..4 * rate]) - 12.0
    );
    assert!(mixed(&[], Music::None, 12_000).is_none());
}

#[test]
fn music_gives_way_to_speech() {
    // The speech is silent, so that only music is measured; what would be its loudness is not.
    let clips = [(5_000, vec![0.0; 5 * RATE as usize])];
    let heard = mixed(&clips, Music::Documentary, 16_000).unwrap();
    let second = |at: usize| power(&heard[at * RATE as usize..(at + 1) * RATE as usize]);
    let away = (second(2) + second(3) + second(12) + second(13)) / 4.0;
    let under = (second(6) + second(7) + second(8)) / 3.0;
    assert!(
        away - under > 7.0 && away - under < 14.0,
        "{away} to {under}"
    );
    // It is down when the first word comes, and back soon after the last.
    let early = power(&heard[5 * RATE as usize..5 * RATE as usize + RATE as usize / 10]);
    assert!(early < away - 5.0, "{early}");
    // No step is wider than the music's own.
    let step = |range: std::ops::Range<usize>| {
        let pairs = heard[range].windows(2);
        pairs
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max)
    };
    let rate = RATE as usize;
    assert!(step(4 * rate..11 * rate) <= step(rate..4 * rate) * 1.5);
}

#[test]
fn words_come_when_they_should() {
    let tone: Vec<f32> = (0..RATE / 2)
        .map(|at| (at as f32 * 0.05).sin() * 0.3)
        .collect();
    let heard = mixed(&[(2_000, tone.clone()), (6_000, tone)], Music::None, 10_000).unwrap();
    let loud = heard.iter().position(|sample| sample.abs() > 0.02).unwrap();
    let off = loud as i64 - 2 * i64::from(RATE);
    assert!(off.abs() < i64::from(RATE) / 200, "{off} samples off");
    let last = heard
        .iter()
        .rposition(|sample| sample.abs() > 0.02)
        .unwrap();
    let off = last as i64 - 65 * i64::from(RATE) / 10;
    assert!(off.abs() < i64::from(RATE) / 100, "{off} samples off");
}

#[test]
fn what_is_cut_is_not_heard() {
    let directory = tempfile::tempdir().unwrap();
    let mut recording = Recording::new(directory.path()).unwrap();
    recording.push(100, &babble(1, 0.2)).unwrap();
    recording.push(3_000, &babble(1, 0.2)).unwrap();
    recording.cut(3_000);
    recording.end().unwrap();
    let track = recording
        .mix(6_000, None, &CancellationToken::new())
        .unwrap();
    let heard = heard(&track.unwrap());
    assert!(power(&heard[RATE as usize / 2..RATE as usize]) > -30.0);
    assert!(power(&heard[2 * RATE as usize..]) < -70.0);

    let cancel = CancellationToken::new();
    cancel.cancel();
    let mixed = recording.mix(6_000, None, &cancel);
    assert!(matches!(
        mixed,
        Err(EngineError::Cancelled | EngineError::File(_))
    ));
}
