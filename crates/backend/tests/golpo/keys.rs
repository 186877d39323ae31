//! A key that Golpo refuses stops its tenant's queue, says so, and lets it go on once it is mended.

use std::time::Duration;

use golpo_double::{Behaviour, Call};
use protocol::ErrorCode;

use crate::support::{Place, tiny_film};

fn documented() -> Behaviour {
    Behaviour::documented(tiny_film())
}

#[tokio::test]
async fn a_refused_key_stops_the_queue_and_another_one_lets_it_go_on() {
    let mut behaviour = documented();
    behaviour.keys = Some(
        [
            "a-good-golpo-key".to_owned(),
            "another-sites-key".to_owned(),
        ]
        .into(),
    );
    let place = Place::new(behaviour).await;
    let tenant = place.tenant("site-a", Some("a-wrong-golpo-key")).await;
    let other = place.tenant("site-b", Some("another-sites-key")).await;
    let mut videos = Vec::new();
    for _ in 0..20 {
        videos.push(place.create(&tenant).await);
    }
    let elsewhere = place.create(&other).await;
    let worker = place.worker();
    for id in &videos {
        assert_eq!(place.waits(&tenant, id).await, "api_key_refused");
    }
    let asked = place.double.counts().calls[&Call::Generate];
    assert!(asked <= 3, "{asked} of 20 jobs asked Golpo");
    // The administrator is told why.
    let state = place.records.api_key_state(&tenant).await.unwrap();
    assert_eq!(state.problem.unwrap().code, ErrorCode::ApiKeyRefused);
    // Another site goes on.
    place.until_done(&other, &elsewhere).await;
    assert_eq!(
        place.records.api_key_state(&other).await.unwrap().problem,
        None
    );
    // After a while one job tries, and the others wait on.
    let before = place.double.counts().calls[&Call::Generate];
    place.clock.forward(15 * 60 + 1);
    let again = || place.double.counts().calls[&Call::Generate] - before;
    place.until(async |_: &Place| again() > 0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(again() <= 4, "{} of 20 jobs tried again", again());
    place.save(&tenant, "a-good-golpo-key").await;
    assert_eq!(
        place.records.api_key_state(&tenant).await.unwrap().problem,
        None
    );
    for id in &videos {
        place.until_done(&tenant, id).await;
    }
    assert_eq!(place.charges(&tenant).await, 20);
    assert_eq!(place.double.counts().submissions, 21);
    worker.stop().await;
}

#[tokio::test]
async fn an_empty_account_stops_the_queue_until_it_is_filled() {
    let mut behaviour = documented();
    behaviour.credits = Some(4);
    let place = Place::new(behaviour).await;
    let tenant = place.tenant("site-a", Some("a-golpo-key")).await;
    let mut videos = Vec::new();
    for _ in 0..5 {
        videos.push(place.create(&tenant).await);
    }
    let worker = place.worker();
    place
        .until(async |place: &Place| place.charges(&tenant).await == 2)
        .await;
    assert_eq!(place.waits(&tenant, &videos[4]).await, "engine_plan");
    let state = place.records.api_key_state(&tenant).await.unwrap();
    assert_eq!(state.problem.unwrap().code, ErrorCode::EnginePlan);
    place.double.behave(|behaviour| behaviour.credits = None);
    // Nobody says that it was filled: one job finds out.
    for id in &videos {
        place.until_done(&tenant, id).await;
    }
    assert_eq!(
        place.records.api_key_state(&tenant).await.unwrap().problem,
        None
    );
    assert_eq!(
        (
            place.charges(&tenant).await,
            place.double.counts().submissions
        ),
        (5, 5)
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_removed_key_makes_jobs_wait_for_another() {
    let place = Place::new(documented()).await;
    let tenant = place.tenant("site-a", Some("a-golpo-key")).await;
    let id = place.create(&tenant).await;
    place.records.delete_api_key(&tenant).await.unwrap();
    let worker = place.worker();
    assert_eq!(place.waits(&tenant, &id).await, "api_key_missing");
    place.save(&tenant, "another-golpo-key").await;
    place.until_done(&tenant, &id).await;
    worker.stop().await;
}
