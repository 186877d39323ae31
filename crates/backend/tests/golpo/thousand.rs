//! A thousand jobs of two hundred sites while three of ten calls go wrong.

use std::collections::BTreeMap;

use golpo_double::Behaviour;
use protocol::VideoState;

use crate::support::{Place, tiny_film};

const SITES: usize = 200;
const JOBS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_jobs_with_faults_each_is_ordered_once_and_charged_once() {
    let mut behaviour = Behaviour::documented(tiny_film());
    behaviour.looks = 0;
    behaviour.faults_percent = 30;
    let place = Place::new(behaviour).await;
    let mut asked = Vec::new();
    for site in 0..SITES {
        let key = format!("golpo-key-of-site-{site}");
        let tenant = place.tenant(&format!("site-{site}"), Some(&key)).await;
        for _ in 0..JOBS {
            asked.push((tenant.clone(), place.create(&tenant).await));
        }
    }
    let workers = [place.worker(), place.worker()];
    place
        .until(async |place: &Place| {
            let now = fit::Clock::unix_seconds(&place.clock);
            let queue = place.records.store().queue(now).await.unwrap();
            queue.waiting + queue.running == 0
        })
        .await;
    for worker in workers {
        worker.stop().await;
    }
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for (tenant, id) in &asked {
        let video = place.video(tenant, id).await;
        let end = match (video.state, video.failure) {
            (VideoState::Done, None) => "done".to_owned(),
            (VideoState::Failed, Some(failure)) => failure.code.to_string(),
            other => panic!("neither done nor in a state that says why: {other:?}"),
        };
        *ends.entry(end).or_default() += 1;
    }
    let done = ends.get("done").copied().unwrap_or(0);
    let counts = place.double.counts();
    let mut charges = 0;
    for site in 0..SITES {
        let tenant = place.tenant(&format!("site-{site}"), None).await;
        charges += place.charges(&tenant).await as usize;
    }
    assert_eq!(counts.offences, Vec::<String>::new());
    assert_eq!(counts.submissions, 1_000, "one order a job: {ends:?}");
    assert_eq!(charges, done, "one charge a finished video: {ends:?}");
    assert!(done > 990, "{ends:?}");
}
