//! A video through worker, engine and double, and workers that die on the way.

use std::time::Duration;

use fit::Clock as _;
use golpo_double::{Behaviour, Call, Fault};
use protocol::{ErrorCode, Stage, VideoState};

use crate::support::{Place, tiny_film};

fn documented() -> Behaviour {
    Behaviour::documented(tiny_film())
}

#[tokio::test]
async fn a_video_of_golpos_is_charged_once_and_says_who_made_it() {
    let place = Place::new(documented()).await;
    let tenant = place.tenant("site-a", Some("a-golpo-key")).await;
    let id = place.create(&tenant).await;
    assert_eq!(place.video(&tenant, &id).await.engine, None);
    let worker = place.worker();
    let mut seen = Vec::new();
    place
        .until(async |place: &Place| {
            let video = place.video(&tenant, &id).await;
            if seen.last() != Some(&(video.state, video.percent)) {
                seen.push((video.state, video.percent));
            }
            video.state == VideoState::Done
        })
        .await;
    let percents: Vec<u8> = seen.iter().map(|(_, percent)| *percent).collect();
    assert!(percents.is_sorted() && percents.len() > 2, "{seen:?}");
    let video = place.video(&tenant, &id).await;
    assert_eq!(
        (video.engine.as_deref(), video.duration_ms),
        (Some("golpo"), Some(10_000))
    );
    assert_eq!((video.stage, video.failure), (Stage::Storing, None));
    assert_eq!(
        (
            place.charges(&tenant).await,
            place.double.counts().submissions
        ),
        (1, 1)
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_that_dies_at_any_step_costs_no_second_order() {
    for call in [Call::Generate, Call::Status, Call::File] {
        let place = Place::new(documented()).await;
        let tenant = place.tenant("site-a", Some("a-golpo-key")).await;
        let id = place.create(&tenant).await;
        place
            .double
            .next(call, [Fault::Slow(Duration::from_millis(400))]);
        let worker = place.worker();
        let asked = |place: &Place| place.double.counts().calls.contains_key(&call);
        place.until(async |place: &Place| asked(place)).await;
        worker.kill().await;
        // The lease ends, and another worker goes on.
        place.clock.forward(16);
        let worker = place.worker();
        place.until_done(&tenant, &id).await;
        let counts = place.double.counts();
        assert_eq!(
            (counts.submissions, place.charges(&tenant).await),
            (1, 1),
            "{call:?}"
        );
        worker.stop().await;
    }
}

#[tokio::test]
async fn p07_what_is_noted_of_an_order_is_sealed_and_gone_with_it() {
    let mut behaviour = documented();
    behaviour.looks = 3;
    let place = Place::new(behaviour).await;
    let tenant = place.tenant("site-a", Some("a-golpo-key")).await;
    let id = place.create(&tenant).await;
    let worker = place.worker();
    let taken = |place: &Place| place.double.counts().calls.contains_key(&Call::Status);
    place.until(async |place: &Place| taken(place)).await;
    let holds = |text: &str| {
        let bytes = place.database_bytes();
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds(id.as_str()), "the looking itself works");
    for secret in ["job-00000001", "\"step\"", "a-golpo-key", "turnip"] {
        assert!(!holds(secret), "{secret}");
    }
    place.until_done(&tenant, &id).await;
    worker.stop().await;
    let queue = place
        .records
        .store()
        .queue(place.clock.unix_seconds())
        .await
        .unwrap();
    assert_eq!((queue.waiting, queue.running, queue.dead), (0, 0, 0));
}

#[tokio::test]
async fn while_golpo_is_down_a_job_waits_with_a_reason_and_loses_no_attempt() {
    let place = Place::new(documented()).await;
    let tenant = place.tenant("site-a", Some("a-golpo-key")).await;
    let id = place.create(&tenant).await;
    place
        .double
        .behave(|behaviour| behaviour.faults_percent = 0);
    place
        .double
        .next(Call::Generate, [Fault::Status(503, None)]);
    place.double.next(
        Call::Videos,
        std::iter::repeat_n(Fault::Status(503, None), 12),
    );
    let worker = place.worker();
    assert_eq!(place.waits(&tenant, &id).await, "engine_unavailable");
    // Far more failures than a job has attempts.
    place.until_done(&tenant, &id).await;
    assert_eq!(place.double.counts().submissions, 1);
    worker.stop().await;
}

#[tokio::test]
async fn an_order_in_doubt_fails_with_words_and_is_not_charged() {
    let mut behaviour = documented();
    behaviour.list_tells_prompt = false;
    let place = Place::new(behaviour).await;
    let tenant = place.tenant("site-a", Some("a-golpo-key")).await;
    let id = place.create(&tenant).await;
    place.double.next(Call::Generate, [Fault::DoneButCut]);
    let worker = place.worker();
    place
        .until(async |place: &Place| place.video(&tenant, &id).await.state == VideoState::Failed)
        .await;
    let failure = place.video(&tenant, &id).await.failure.unwrap();
    assert_eq!(failure.code, ErrorCode::EngineUnclear);
    assert_eq!(
        (
            place.charges(&tenant).await,
            place.double.counts().submissions
        ),
        (0, 1)
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_deleted_video_is_not_ordered_or_looked_at_any_more() {
    let place = Place::new(documented()).await;
    let tenant = place.tenant("site-a", Some("a-golpo-key")).await;
    let id = place.create(&tenant).await;
    let worker = place.worker();
    let taken = |place: &Place| place.double.counts().submissions == 1;
    place.until(async |place: &Place| taken(place)).await;
    let which = backend::store::Which::One(&id);
    place
        .records
        .store()
        .delete_videos(&tenant, which)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = place.double.counts().calls;
    place.clock.forward(60);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(place.double.counts().calls, before);
    worker.stop().await;
}
