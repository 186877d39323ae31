//! Golpo's refusals and outages: what waits, what ends, and that no key, address or word of an answer
//! is in an error.

use std::sync::Arc;
use std::time::Duration;

use engine::{EngineError, VideoEngine, Waiting};
use golpo_double::{Call, Fault};
use protocol::ErrorCode;

use super::log::Log;
use super::support::{Desk, KEY, documented, key};

#[tokio::test]
async fn a_refused_key_and_an_empty_account_end_an_attempt_and_nothing_is_noted() {
    let directory = tempfile::tempdir().unwrap();
    for (status, code) in [
        (401, ErrorCode::ApiKeyRefused),
        (402, ErrorCode::EnginePlan),
        (403, ErrorCode::EnginePlan),
    ] {
        let desk = Desk::new(documented()).await;
        desk.double
            .next(Call::Generate, [Fault::Status(status, None)]);
        let error = desk.attempt(directory.path()).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.is_about_the_key() && !error.is_passing());
        // Once the key is good, the same order goes on as if nothing had been.
        desk.video(directory.path()).await;
        assert!(
            !desk.double.counts().calls.contains_key(&Call::Videos),
            "nothing was in doubt"
        );
    }
    let mut behaviour = documented();
    behaviour.keys = Some(Default::default());
    let desk = Desk::new(behaviour).await;
    let error = desk.attempt(directory.path()).await.unwrap_err();
    assert!(matches!(error, EngineError::ApiKeyRefused));
}

#[tokio::test]
async fn a_refused_request_names_the_field_and_is_not_tried_again() {
    let directory = tempfile::tempdir().unwrap();
    for status in [400, 413, 422] {
        let desk = Desk::new(documented()).await;
        desk.double
            .next(Call::Generate, [Fault::Status(status, None)]);
        let error = desk.attempt(directory.path()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRequest, "{status}");
        assert!(!error.is_passing());
        assert!(!error.to_string().contains("Canary"), "{error}");
    }
}

#[tokio::test]
async fn a_fourth_job_waits_until_one_of_three_is_done() {
    let mut behaviour = documented();
    behaviour.looks = 5;
    let desk = Desk::new(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    let mut others = Vec::new();
    for _ in 0..3 {
        desk.attempt(directory.path()).await.unwrap_err();
        others.push(desk.journal.note.lock().unwrap().take());
    }
    let error = desk.attempt(directory.path()).await.unwrap_err();
    assert!(
        matches!(
            error,
            EngineError::Later {
                why: Waiting::Busy,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(error.code(), ErrorCode::EngineBusy);
    *desk.journal.note.lock().unwrap() = others.pop().unwrap();
    desk.video(directory.path()).await;
    *desk.journal.note.lock().unwrap() = None;
    desk.video(directory.path()).await;
    assert_eq!(desk.double.counts().submissions, 4);
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    for (status, asked, least, most) in [
        (429, "77", 77, 77),
        (503, "77", 77, 77),
        (429, "nonsense", 5, 30),
        (429, "0", 5, 30),
        (503, "1", 5, 30),
    ] {
        desk.double.next(
            Call::Generate,
            [Fault::Status(status, Some(asked.to_owned()))],
        );
        match desk.attempt(directory.path()).await.unwrap_err() {
            EngineError::Later { after, .. } => {
                let range = Duration::from_secs(least)..=Duration::from_secs(most);
                assert!(range.contains(&after), "{status} {asked}: {after:?}");
            }
            other => panic!("{other}"),
        }
        // Other orders of the key wait as well.
        desk.world.forward(Duration::from_secs(100));
        *desk.journal.note.lock().unwrap() = None;
        desk.attempt(directory.path()).await.unwrap_err();
        *desk.journal.note.lock().unwrap() = None;
    }
}

#[tokio::test]
async fn while_golpo_is_down_orders_wait_and_one_of_a_tenant_tries_now_and_then() {
    let desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    desk.attempt(directory.path()).await.unwrap_err();
    desk.double.next(
        Call::Status,
        std::iter::repeat_n(Fault::Status(503, None), 6),
    );
    let mut tried = Vec::new();
    for _ in 0..200 {
        // Five other orders of the same tenant ask at the same time.
        for _ in 0..5 {
            match desk.attempt(directory.path()).await.unwrap_err() {
                EngineError::Later {
                    why: Waiting::Unavailable,
                    ..
                } => {}
                other => panic!("{other}"),
            }
        }
        tried.push(desk.double.counts().calls[&Call::Status]);
        if desk.double.counts().calls[&Call::Status] >= 6 {
            break;
        }
        desk.world.forward(Duration::from_secs(10));
    }
    // Three failures open the circuit; then 30, 60 and 120 s pass before one tries again.
    assert_eq!(tried.first(), Some(&3));
    assert!((20..=25).contains(&tried.len()), "{tried:?}");
    // Golpo answers again: nothing was lost, nothing is ordered twice.
    desk.world.forward(Duration::from_secs(600));
    desk.video(directory.path()).await;
    assert_eq!(desk.double.counts().submissions, 1);
}

#[tokio::test]
async fn another_tenant_is_not_kept_waiting_by_the_first_ones_failures() {
    let mut desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    desk.double.next(
        Call::Generate,
        std::iter::repeat_n(Fault::Status(500, None), 1),
    );
    desk.double.next(
        Call::Videos,
        std::iter::repeat_n(Fault::Status(500, None), 2),
    );
    for _ in 0..4 {
        desk.attempt(directory.path()).await.unwrap_err();
    }
    assert_eq!(
        desk.double.counts().calls[&Call::Videos],
        2,
        "the circuit is open"
    );
    desk.key = key("a-golpo-key-of-another-tenant");
    *desk.journal.note.lock().unwrap() = None;
    desk.video(directory.path()).await;
}

#[tokio::test]
async fn no_connection_at_all_waits_and_is_certain_to_have_ordered_nothing() {
    let mut desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut config = super::support::config(&desk.double);
    config.address = format!("http://{nobody}").parse().unwrap();
    let world = Arc::clone(&desk.world) as Arc<dyn engine::golpo::World>;
    let elsewhere = engine::golpo::GolpoEngine::new(config, world).unwrap();
    let here = std::mem::replace(&mut desk.engine, elsewhere);
    let error = desk.attempt(directory.path()).await.unwrap_err();
    assert!(
        matches!(
            error,
            EngineError::Later {
                why: Waiting::Unavailable,
                ..
            }
        ),
        "{error}"
    );
    desk.engine = here;
    desk.video(directory.path()).await;
    assert!(
        !desk.double.counts().calls.contains_key(&Call::Videos),
        "nothing was in doubt"
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let desk = Desk::new(documented()).await;
    let elsewhere = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    let to = format!("{}/api/v2/videos/generate", elsewhere.double.url());
    desk.double.next(Call::Generate, [Fault::Redirect(to)]);
    let error = desk.attempt(directory.path()).await.unwrap_err();
    assert!(
        matches!(
            error,
            EngineError::Later {
                why: Waiting::Unavailable,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(elsewhere.double.counts().calls, [].into());
}

#[test]
fn p13_p14_no_error_and_no_log_line_holds_the_key_an_address_or_a_word_of_an_answer() {
    let log = Log::default();
    let mut errors = String::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let faults = [
        Fault::Status(400, None),
        Fault::Status(401, None),
        Fault::Status(418, None),
        Fault::Status(500, None),
        Fault::DoneButCut,
        Fault::Garbage,
        Fault::Surprise,
        Fault::Slow(Duration::from_secs(1)),
        Fault::Redirect(format!("https://canary.example.com/?key={KEY}")),
    ];
    let calls = [
        Call::Generate,
        Call::Status,
        Call::Video,
        Call::Videos,
        Call::Credits,
        Call::File,
    ];
    let run = async {
        for call in calls {
            for fault in &faults {
                let mut behaviour = documented();
                behaviour.status_tells_address = false;
                behaviour.looks = 0;
                let desk = Desk::new(behaviour).await;
                let directory = tempfile::tempdir().unwrap();
                if call == Call::Videos {
                    desk.double.next(Call::Generate, [Fault::Cut]);
                }
                desk.double.next(call, [fault.clone()]);
                if call == Call::Credits {
                    let account = desk.engine.account(&desk.key).await;
                    errors.push_str(&format!("{account:?}\n"));
                    continue;
                }
                for _ in 0..3 {
                    if let Err(error) = desk.attempt(directory.path()).await {
                        let mut cause: Option<&dyn std::error::Error> = Some(&error);
                        while let Some(error) = cause {
                            errors.push_str(&format!("{error} {error:?}\n"));
                            cause = error.source();
                        }
                    }
                }
                errors.push_str(&format!("{:?}\n", desk.engine));
            }
        }
    };
    // Only this thread's, so that other tests do not write here.
    #[allow(clippy::disallowed_methods)]
    tracing::subscriber::with_default(log.clone(), || runtime.block_on(run));
    let logged = log.0.lock().unwrap().clone();
    assert!(
        logged.contains("call=\"status\"") && logged.contains("shape="),
        "nothing was logged: {logged}"
    );
    assert!(
        logged.contains("outcome:{?:text}"),
        "the shape of a surprise is told: {logged}"
    );
    for (what, text) in [("an error", &errors), ("the log", &logged)] {
        let lower = text.to_lowercase();
        for secret in ["canary", "heron", "turnip", "signature", "/files/"] {
            assert!(!lower.contains(secret), "{what} holds {secret}: {text}");
        }
    }
}
