//! An order is never sent twice: whatever step an attempt dies at, the next one knows or finds out
//! what Golpo has, and where that cannot be found out, nobody guesses.

use std::sync::atomic::Ordering;
use std::time::Duration;

use engine::{EngineError, Waiting};
use golpo_double::{Behaviour, Call, Fault};
use tokio_util::sync::CancellationToken;

use super::support::{Desk, documented};

/// Kills the attempt after so many milliseconds, at whatever it is doing.
async fn killed_after(desk: &Desk, directory: &std::path::Path, pause: Duration) -> bool {
    let attempt = desk.attempt(directory);
    tokio::time::timeout(pause, attempt).await.is_err()
}

#[tokio::test]
async fn killed_at_every_step_of_the_protocol_one_order_is_sent() {
    // Each call answers slowly in turn, and the attempt is killed while it does: before, while and
    // after the order is sent, while it is looked at, while the video is fetched.
    let slow = || Fault::Slow(Duration::from_millis(300));
    for (call, kills) in [
        (Call::Generate, 1),
        (Call::Status, 3),
        (Call::Videos, 0),
        (Call::File, 2),
    ] {
        let mut desk = Desk::new(documented()).await;
        let directory = tempfile::tempdir().unwrap();
        let mut killed = 0;
        while killed < kills {
            desk.double.next(call, [slow()]);
            if killed_after(&desk, directory.path(), Duration::from_millis(120)).await {
                killed += 1;
                desk.restart();
            }
            desk.double.behave(|behaviour| behaviour.looks = 4);
            desk.world.forward(Duration::from_secs(6));
        }
        desk.video(directory.path()).await;
        assert_eq!(desk.double.counts().submissions, 1, "killed in {call:?}");
    }
}

#[tokio::test]
async fn killed_between_writing_and_sending_the_order_is_sent_once() {
    // The journal says that it is being sent, and Golpo never heard of it.
    let mut desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    desk.double.next(Call::Generate, [Fault::Cut]);
    desk.attempt(directory.path()).await.unwrap_err();
    assert_eq!(desk.double.counts().submissions, 0);
    desk.restart();
    let (made, waited) = desk.until_done(directory.path()).await;
    made.unwrap();
    assert_eq!(desk.double.counts().submissions, 1);
    assert!(
        waited.iter().any(|(why, _)| *why == Waiting::Unavailable),
        "it was looked for first"
    );
    assert!(
        desk.double.counts().calls[&Call::Videos] > 1,
        "and more than once"
    );
}

#[tokio::test]
async fn killed_between_sending_and_writing_the_order_is_found_by_its_reference() {
    for (shape, faults) in [
        ("cut", Fault::DoneButCut),
        ("502", Fault::DoneBut(502)),
        ("slow", Fault::Slow(Duration::from_secs(2))),
        ("garbage", Fault::Garbage),
        ("surprise", Fault::Surprise),
    ] {
        let mut desk = Desk::new(documented()).await;
        let directory = tempfile::tempdir().unwrap();
        desk.double.next(Call::Generate, [faults]);
        let error = desk.attempt(directory.path()).await.unwrap_err();
        assert!(
            matches!(
                error,
                EngineError::Later {
                    why: Waiting::Unavailable,
                    ..
                }
            ),
            "{shape}: {error}"
        );
        desk.restart();
        desk.video(directory.path()).await;
        assert_eq!(desk.double.counts().submissions, 1, "{shape}");
    }
}

#[tokio::test]
async fn an_answer_that_could_not_be_written_down_is_found_again() {
    let mut desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    desk.journal.fails_at.store(2, Ordering::SeqCst);
    let error = desk.attempt(directory.path()).await.unwrap_err();
    assert!(
        matches!(error, EngineError::Journal(_)) && error.is_passing(),
        "{error}"
    );
    desk.restart();
    desk.video(directory.path()).await;
    assert_eq!(desk.double.counts().submissions, 1);
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_sent() {
    for lost in [false, true] {
        let desk = Desk::new(documented()).await;
        let directory = tempfile::tempdir().unwrap();
        desk.journal.lost.store(lost, Ordering::SeqCst);
        desk.journal.fails_at.store(1, Ordering::SeqCst);
        let error = desk.attempt(directory.path()).await.unwrap_err();
        assert!(matches!(error, EngineError::Journal(_)), "{error}");
        assert_eq!(desk.double.counts().calls, [].into());
    }
}

#[tokio::test]
async fn a_list_of_many_is_read_to_its_end_in_either_order() {
    for oldest_first in [false, true] {
        for dates in [false, true] {
            let mut behaviour = documented();
            behaviour.at_once = 1_000;
            behaviour.oldest_first = oldest_first;
            behaviour.list_tells_dates = dates;
            let desk = Desk::new(behaviour).await;
            let directory = tempfile::tempdir().unwrap();
            desk.double.next(Call::Generate, [Fault::DoneButCut]);
            desk.attempt(directory.path()).await.unwrap_err();
            // The same key makes many others meanwhile.
            let ours = desk.journal.note.lock().unwrap().take();
            for _ in 0..120 {
                desk.attempt(directory.path()).await.unwrap_err();
                *desk.journal.note.lock().unwrap() = None;
            }
            *desk.journal.note.lock().unwrap() = ours;
            desk.video(directory.path()).await;
            assert_eq!(desk.double.counts().submissions, 121);
        }
    }
}

async fn unclear(change: impl FnOnce(&mut Behaviour)) {
    let mut behaviour = documented();
    change(&mut behaviour);
    let mut desk = Desk::new(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    desk.double.next(Call::Generate, [Fault::DoneButCut]);
    desk.attempt(directory.path()).await.unwrap_err();
    desk.restart();
    let (made, waited) = desk.until_done(directory.path()).await;
    let error = made.unwrap_err();
    assert!(
        matches!(error, EngineError::Unclear) && !error.is_passing(),
        "{error}"
    );
    assert_eq!(error.code(), protocol::ErrorCode::EngineUnclear);
    assert!(!waited.is_empty(), "it was looked for more than once");
    assert_eq!(desk.double.counts().submissions, 1, "nobody guesses");
}

#[tokio::test]
async fn where_the_list_does_not_tell_nobody_guesses() {
    unclear(|behaviour| behaviour.list_tells_prompt = false).await;
    unclear(|behaviour| {
        behaviour.list_tells_prompt = false;
        behaviour.list_tells_dates = false;
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_was_told_to_stop_while_sending_leaves_an_order_that_is_found() {
    let mut desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let start = engine::Progress {
        stage: protocol::Stage::Waiting,
        percent: 0,
    };
    let (sender, _) = tokio::sync::watch::channel(start);
    let made = desk.attempt_with(directory.path(), sender, cancel).await;
    assert!(matches!(made.unwrap_err(), EngineError::Cancelled));
    assert_eq!(
        desk.double.counts().submissions,
        0,
        "told to stop before anything was sent"
    );
    desk.restart();
    desk.video(directory.path()).await;
    assert_eq!(desk.double.counts().submissions, 1);
}

#[tokio::test]
async fn an_order_in_doubt_of_another_key_is_not_sent_with_this_one() {
    let mut desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    desk.double.next(Call::Generate, [Fault::DoneButCut]);
    desk.attempt(directory.path()).await.unwrap_err();
    // The list of the new key's account can tell nothing of it.
    desk.key = super::support::key("a-golpo-key-of-another-account");
    let error = desk.attempt(directory.path()).await.unwrap_err();
    assert!(matches!(error, EngineError::Unclear), "{error}");
    assert_eq!(desk.double.counts().submissions, 1);
}
