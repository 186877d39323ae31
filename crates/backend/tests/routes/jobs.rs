//! Jobs outlive workers, engines' failures and deletions.

use std::sync::atomic::Ordering;
use std::time::Duration;

use fit::Clock as _;
use serde_json::json;

use super::support::{Behaviour, KEY_A, KEY_B, Service};

/// Waits until the hanging engine's progress has been written.
async fn at_forty_percent(service: &Service, id: &str) {
    for _ in 0..500 {
        let video = service.get("site-a", &format!("/v1/videos/{id}")).await["body"].clone();
        if video["percent"] == 40 {
            assert_eq!(
                (&video["state"], &video["stage"]),
                (&json!("running"), &json!("drawing"))
            );
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no progress was written");
}

#[tokio::test]
async fn a_killed_workers_job_is_done_by_the_next_one() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    let first = service.worker(Behaviour::Hangs);
    at_forty_percent(&service, &id).await;
    first.kill().await;
    let second = service.worker(Behaviour::Makes);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        second.engine.attempts.load(Ordering::SeqCst),
        0,
        "the lease still runs"
    );
    service.clock.forward(16);
    let done = service.wait("site-a", &id, "done").await;
    assert_eq!(done["percent"], 100);
    assert_eq!(
        service.get("site-a", "/v1/usage").await["body"]["videos"],
        1
    );
    second.stop().await;
}

#[tokio::test]
async fn a_stopped_worker_gives_its_job_back_at_once() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    for _ in 0..4 {
        // More often than there are attempts: being told to stop is none.
        let worker = service.worker(Behaviour::Hangs);
        service.wait("site-a", &id, "running").await;
        worker.stop().await;
        service.wait("site-a", &id, "queued").await;
    }
    let worker = service.worker(Behaviour::Makes);
    service.wait("site-a", &id, "done").await;
    worker.stop().await;
}

#[tokio::test]
async fn failures_are_retried_twice() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    let worker = service.worker(Behaviour::FailsFirst(2));
    service.wait("site-a", &id, "done").await;
    assert_eq!(worker.engine.attempts.load(Ordering::SeqCst), 3);
    worker.stop().await;
}

#[tokio::test]
async fn what_cannot_succeed_fails_with_its_code_and_leaves_nothing() {
    for (behaviour, attempts, code) in [
        (Behaviour::FailsFirst(99), 3, "engine_failed"),
        (Behaviour::Panics, 3, "engine_failed"),
        (Behaviour::Strays, 3, "engine_failed"),
        (Behaviour::Unsupported, 1, "invalid_request"),
        (Behaviour::TooLong, 1, "too_large"),
    ] {
        let service = Service::start().await;
        let id = service.create("site-a", KEY_A).await;
        let worker = service.worker(behaviour);
        let failed = service.wait("site-a", &id, "failed").await;
        assert_eq!(failed["failure"]["code"], code, "{behaviour:?}");
        assert_eq!(failed["finishedAt"], "2027-01-15T08:00:00Z");
        assert_eq!(
            worker.engine.attempts.load(Ordering::SeqCst),
            attempts,
            "{behaviour:?}"
        );
        // What may succeed another day is parked for an operator; of all else the script is erased.
        let now = service.clock.unix_seconds();
        let queue = service.records.store().queue(now).await.unwrap();
        assert_eq!((queue.waiting, queue.running), (0, 0));
        assert_eq!(queue.dead, i64::from(attempts == 3), "{behaviour:?}");
        assert_eq!(service.object_names(), Vec::<String>::new());
        assert_eq!(
            service.get("site-a", "/v1/usage").await["body"]["videos"],
            0
        );
        worker.stop().await;
    }
}

#[tokio::test]
async fn a_job_that_kills_its_workers_is_given_up() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    for _ in 0..3 {
        let worker = service.worker(Behaviour::Hangs);
        for _ in 0..500 {
            if worker.engine.attempts.load(Ordering::SeqCst) == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        worker.kill().await;
        service.clock.forward(16);
    }
    let worker = service.worker(Behaviour::Makes);
    let failed = service.wait("site-a", &id, "failed").await;
    assert_eq!(failed["failure"]["code"], "engine_failed");
    assert_eq!(worker.engine.attempts.load(Ordering::SeqCst), 0);
    worker.stop().await;
}

#[tokio::test]
async fn p22_a_video_deleted_while_it_is_made_leaves_nothing() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    let worker = service.worker(Behaviour::Hangs);
    at_forty_percent(&service, &id).await;
    service
        .of("site-a", "DELETE", &format!("/v1/videos/{id}"))
        .send()
        .await
        .unwrap();
    // The engine is cancelled, and the worker is free for the next one.
    let next = service.create("site-a", KEY_B).await;
    service.wait("site-a", &next, "running").await;
    worker.stop().await;
    assert_eq!(service.object_names(), Vec::<String>::new());
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_spoils_nothing() {
    let service = Service::start().await;
    let id = service.create("site-a", KEY_A).await;
    // As on a machine that was suspended: no sign of life for longer than the lease.
    let pause = Behaviour::MakesAfter(Duration::from_secs(1));
    let asleep = service.worker_beating(pause, Duration::from_secs(3600));
    service.wait("site-a", &id, "running").await;
    service.clock.forward(16);
    let awake = service.worker(Behaviour::Makes);
    service.wait("site-a", &id, "done").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    asleep.stop().await;
    assert_eq!(service.object_names().len(), 3);
    assert_eq!(
        service.get("site-a", "/v1/usage").await["body"]["videos"],
        1
    );
    awake.stop().await;
}

#[tokio::test]
async fn p07_a_parked_jobs_script_is_erased_after_a_week_and_earlier_with_its_video() {
    let service = Service::start().await;
    let worker = service.worker(Behaviour::Panics);
    let ids = [
        service.create("site-a", KEY_A).await,
        service.create("site-b", KEY_A).await,
    ];
    for (site, id) in ["site-a", "site-b"].iter().zip(&ids) {
        service.wait(site, id, "failed").await;
    }
    worker.stop().await;
    let parked = async || {
        let jobs = service.records.store().jobs(true, "", 10).await.unwrap();
        let ids = jobs.into_iter().map(|job| job.video_id.to_string());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(parked().await, ids);
    // A site that keeps its videos for less keeps the script for no longer.
    let limits = json!({ "retentionDays": 2 });
    let put = service.of("site-b", "PUT", "/v1/limits").json(&limits);
    assert_eq!(put.send().await.unwrap().status(), 200);
    service.clock.forward(2 * 86_400 + 1);
    service.upkeep().once().await;
    assert_eq!(parked().await, ids[..1]);
    service.clock.forward(5 * 86_400 - 60);
    service.upkeep().once().await;
    assert_eq!(parked().await, ids[..1]);
    service.clock.forward(60);
    service.upkeep().once().await;
    assert!(parked().await.is_empty());
    // It failed, and says so still; there is nothing to try again with.
    let video = service
        .get("site-a", &format!("/v1/videos/{}", ids[0]))
        .await;
    assert_eq!(video["body"]["state"], "failed");
}
