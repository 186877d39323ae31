//! An order that goes well, in all the ways in which the API may tell so.

use std::time::Duration;

use engine::golpo::{GolpoEngine, Machine};
use engine::{EngineError, Progress, VideoEngine, Waiting};
use golpo_double::{Call, Shape};
use protocol::{Length, Orientation, Stage};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::support::{Desk, FILM, TITLE, config, documented, key};

#[tokio::test]
async fn a_video_is_ordered_once_looked_at_now_and_then_and_fetched() {
    let desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    let (made, waited) = desk.until_done(directory.path()).await;
    let made = made.unwrap();
    assert_eq!(waited.len(), 3, "sent, and looked at twice in vain");
    assert!(waited.iter().all(|(why, _)| *why == Waiting::Working));
    assert_eq!(std::fs::read(&made.video).unwrap(), FILM);
    assert_eq!(made.duration_ms, 10_000);
    let captions = std::fs::read_to_string(&made.captions).unwrap();
    assert!(
        captions.starts_with("WEBVTT\n\n00:00:00.000 --> "),
        "{captions}"
    );
    assert!(captions.contains("It has five doors."));
    assert!(std::fs::read(&made.poster).unwrap().starts_with(b"\x89PNG"));
    let titles: Vec<_> = made
        .chapters
        .iter()
        .map(|chapter| chapter.title.as_str())
        .collect();
    assert_eq!(titles, ["The walrus", "The end"]);
    let orders = desk.double.submissions();
    assert_eq!(orders.len(), 1);
    let order = &orders[0].order;
    assert!(order["prompt"].as_str().unwrap().starts_with(TITLE));
    assert_eq!(
        order["custom_script"],
        "The walrus\n\nCanary sentence about the turnip vault. It has five doors.\n\nThe end\n\nNothing more."
    );
    assert_eq!(order["is_public"], false);
    let counts = desk.double.counts();
    assert_eq!(counts.offences, Vec::<String>::new());
    assert_eq!((counts.submissions, counts.finished), (1, 1));
    assert_eq!(
        (counts.calls[&Call::Status], counts.calls[&Call::File]),
        (3, 1)
    );
    assert!(
        !counts.calls.contains_key(&Call::Videos),
        "the list is for orders in doubt"
    );
}

#[tokio::test]
async fn both_shapes_and_every_good_word_and_all_ways_to_tell_the_address_end_in_the_video() {
    for word in [
        "completed",
        "ready",
        "done",
        "success",
        "finished",
        "COMPLETED",
    ] {
        for shape in [Shape::Flat, Shape::Wrapped] {
            for (status_tells_address, tells_job) in [(true, true), (false, true), (true, false)] {
                let mut behaviour = documented();
                (behaviour.shape, behaviour.word) = (shape, word);
                behaviour.status_tells_address = status_tells_address;
                behaviour.tells_job = tells_job;
                let desk = Desk::new(behaviour).await;
                let directory = tempfile::tempdir().unwrap();
                desk.video(directory.path()).await;
                assert_eq!(
                    desk.double.counts().submissions,
                    1,
                    "{word} {shape:?} {tells_job}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_bad_word_ends_an_order_and_nothing_is_ordered_anew() {
    for word in [
        "failed",
        "error",
        "errored",
        "cancelled",
        "canceled",
        "Failed",
    ] {
        let mut behaviour = documented();
        behaviour.word = word;
        let desk = Desk::new(behaviour).await;
        let directory = tempfile::tempdir().unwrap();
        let (made, _) = desk.until_done(directory.path()).await;
        let error = made.unwrap_err();
        assert!(matches!(error, EngineError::GivenUp), "{word}: {error}");
        assert!(!error.is_passing());
        assert_eq!(desk.double.counts().submissions, 1);
    }
}

#[tokio::test]
async fn the_transcript_that_golpo_tells_becomes_the_captions() {
    let mut behaviour = documented();
    behaviour.transcript = Some("Told by Golpo. In its own words.".to_owned());
    let desk = Desk::new(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    let made = desk.video(directory.path()).await;
    let captions = std::fs::read_to_string(&made.captions).unwrap();
    assert!(captions.contains("In its own words.") && !captions.contains("turnip"));
    let transcript = std::fs::read_to_string(&made.transcript).unwrap();
    assert_eq!(transcript, "Told by Golpo. In its own words.");
}

#[tokio::test]
async fn progress_rises_over_attempts() {
    let mut behaviour = documented();
    behaviour.looks = 4;
    let desk = Desk::new(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    loop {
        let (sender, receiver) = watch::channel(Progress {
            stage: Stage::Waiting,
            percent: 0,
        });
        let made = desk
            .attempt_with(directory.path(), sender, CancellationToken::new())
            .await;
        seen.push(*receiver.borrow());
        match made {
            Err(EngineError::Later { after, .. }) => desk.world.forward(after),
            Ok(_) => break,
            Err(error) => panic!("{error}"),
        }
    }
    let percents: Vec<u8> = seen.iter().map(|progress| progress.percent).collect();
    assert_eq!(percents, [0, 18, 36, 54, 72, 90]);
    assert!(seen.iter().all(|progress| progress.stage == Stage::Drawing));
}

#[tokio::test]
async fn looks_are_5_to_30_seconds_apart_and_end_at_the_deadline() {
    let mut behaviour = documented();
    behaviour.looks = u32::MAX;
    let desk = Desk::new(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    let (made, waited) = desk.until_done(directory.path()).await;
    let error = made.unwrap_err();
    assert!(
        matches!(error, EngineError::TimedOut) && !error.is_passing(),
        "{error}"
    );
    let seconds: Vec<f64> = waited
        .iter()
        .map(|(_, after)| after.as_secs_f64())
        .collect();
    assert!(seconds.iter().all(|pause| (5.0..=30.0).contains(pause)));
    assert!(seconds.first() < seconds.last());
    let all: f64 = seconds.iter().sum();
    assert!((6_900.0..7_300.0).contains(&all), "two hours: {all}");
}

#[tokio::test]
async fn a_job_may_take_more_than_an_hour() {
    let mut behaviour = documented();
    behaviour.looks = 200;
    let desk = Desk::new(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    let start = engine::golpo::World::unix_seconds(&*desk.world);
    desk.video(directory.path()).await;
    assert!(engine::golpo::World::unix_seconds(&*desk.world) - start > 3_600);
}

#[tokio::test]
async fn what_breaks_a_limit_is_never_sent() {
    let directory = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(documented()).await;
    desk.options.orientation = Orientation::Square;
    let error = desk.attempt(directory.path()).await.unwrap_err();
    let field = match &error {
        EngineError::Option { field, .. } => *field,
        other => panic!("{other}"),
    };
    assert_eq!(field, "video_orientation");
    assert!(!error.is_passing());
    assert_eq!(desk.double.counts().calls, [].into());
}

#[tokio::test]
async fn what_was_chosen_is_ordered() {
    let directory = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(documented()).await;
    desk.options.orientation = Orientation::Portrait;
    desk.options.length = Length::Minutes2;
    desk.attempt(directory.path()).await.unwrap_err();
    let order = desk.double.submissions()[0].order.clone();
    assert_eq!(
        (&order["timing"], &order["video_orientation"]),
        (&json!("2"), &json!("vertical"))
    );
}

#[tokio::test]
async fn a_cancelled_attempt_ends_at_once_and_the_order_stays_known() {
    let desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    desk.double.next(
        Call::Generate,
        [golpo_double::Fault::Slow(Duration::from_secs(5))],
    );
    let cancel = CancellationToken::new();
    let (sender, _) = watch::channel(Progress {
        stage: Stage::Waiting,
        percent: 0,
    });
    let attempt = desk.attempt_with(directory.path(), sender, cancel.clone());
    let stopper = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        cancel.cancel();
    };
    let (made, ()) = tokio::join!(attempt, stopper);
    assert!(matches!(made.unwrap_err(), EngineError::Cancelled));
    desk.video(directory.path()).await;
    assert_eq!(desk.double.counts().submissions, 1);
}

#[tokio::test]
async fn an_account_tells_its_credits_and_whether_its_key_is_good() {
    let mut behaviour = documented();
    behaviour.keys = Some(["a-good-golpo-key".to_owned()].into());
    behaviour.credits = Some(42);
    let desk = Desk::new(behaviour).await;
    let account = desk.engine.account(&key("a-good-golpo-key")).await.unwrap();
    assert_eq!(account.unwrap().credits, Some(42.0));
    let refused = desk
        .engine
        .account(&key("a-wrong-golpo-key"))
        .await
        .unwrap_err();
    assert!(matches!(refused, EngineError::ApiKeyRefused));
    // Where credits are not told, the list says whether the key is good.
    desk.double
        .next(Call::Credits, [golpo_double::Fault::Status(404, None)]);
    let account = desk.engine.account(&key("a-good-golpo-key")).await.unwrap();
    assert_eq!(account.unwrap().credits, None);
}

#[test]
fn an_address_that_is_not_encrypted_makes_no_engine() {
    for address in [
        "http://api.golpoai.com",
        "https://10.0.0.1",
        "ftp://api.golpoai.com",
        "https://a:b@api.golpoai.com",
    ] {
        let config = engine::golpo::Config {
            address: address.parse().unwrap(),
            files: vec![],
            deadline: Duration::from_secs(1),
            logo: None,
            limits: engine::golpo::Limits::default(),
        };
        assert!(
            GolpoEngine::new(config, Arc::new(Machine)).is_err(),
            "{address}"
        );
    }
    let _ = config;
}

#[tokio::test]
async fn a_script_alone_is_written_by_golpo_and_no_video_is_paid_for() {
    let mut behaviour = documented();
    behaviour.transcript = Some("Written by Golpo.".to_owned());
    let desk = Desk::new(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    desk.double
        .next(Call::Generate, [golpo_double::Fault::DoneButCut]);
    let script = super::support::script();
    let written = loop {
        let order = engine::Order {
            script: &script,
            options: &desk.options,
            api_key: Some(&desk.key),
            journal: &desk.journal,
            directory: directory.path(),
        };
        match desk
            .engine
            .write_script(order, CancellationToken::new())
            .await
        {
            Err(EngineError::Later { after, .. }) => desk.world.forward(after),
            other => break other.unwrap(),
        }
    };
    assert_eq!(written, "Written by Golpo.");
    let orders = desk.double.submissions();
    assert_eq!(orders.len(), 1, "never twice, as with videos");
    let order = &orders[0].order;
    assert_eq!(order["just_return_script"], true);
    assert!(order.get("custom_script").is_none());
    assert!(order["prompt"].as_str().unwrap().contains("turnip vault"));
    let counts = desk.double.counts();
    assert_eq!((counts.finished, counts.calls.get(&Call::File)), (0, None));
}
