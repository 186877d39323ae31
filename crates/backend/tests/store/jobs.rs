//! Leases, retries, parked jobs, cancellation.

use backend::store::{ApiKeyRow, Cancelled, Claim, Owner as _, Postponed, QueueCounts};

use crate::support::{CLAIM, FINISHED, NOW, both, claim, queued, registered, tenant, video_id};

#[tokio::test]
async fn a_lease_that_ran_out_is_somebody_elses() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        let id = queued(store, &tenant).await;
        let first = claim(store).await.unwrap();
        assert_eq!((first.video_id(), first.attempt()), (&id, 1));
        assert!(store.start(&first).await.unwrap().is_some());
        assert!(claim(store).await.is_none(), "the lease still runs");
        let later = Claim {
            worker: "other",
            now: NOW + 15,
            lease_until: NOW + 30,
            ..CLAIM
        };
        let second = store.claim(later).await.unwrap().unwrap();
        assert_eq!((second.video_id(), second.attempt()), (&id, 2));
        // The first one can do no more about it.
        assert!(store.start(&first).await.unwrap().is_none());
        assert!(!store.beat(&first, "drawing", 50, NOW + 99).await.unwrap());
        assert!(!store.finish(&first, &FINISHED).await.unwrap());
        assert!(!store.fail(&first, "engine_failed", NOW).await.unwrap());
        assert!(!store.park(&first, "engine_failed", NOW).await.unwrap());
        store.release(&first, NOW, true).await.unwrap();
        assert!(store.beat(&second, "drawing", 50, NOW + 99).await.unwrap());
        assert!(store.beat(&second, "drawing", 20, NOW + 99).await.unwrap());
        let video = store.video(&tenant, &id).await.unwrap().unwrap();
        assert_eq!((video.percent, video.stage.as_str()), (50, "drawing"));
        assert!(store.finish(&second, &FINISHED).await.unwrap());
        let video = store.video(&tenant, &id).await.unwrap().unwrap();
        assert_eq!((video.state.as_str(), video.percent), ("done", 100));
    }
}

#[tokio::test]
async fn jobs_whose_workers_died_too_often_are_parked_and_run_again_when_asked() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        let id = queued(store, &tenant).await;
        let mut now = NOW;
        for attempt in 1..=3 {
            let lease = Claim {
                now,
                lease_until: now + 15,
                ..CLAIM
            };
            let lease = store.claim(lease).await.unwrap().unwrap();
            assert_eq!(lease.attempt(), attempt);
            now += 15;
        }
        assert_eq!(store.reap(3, "engine_failed", now - 1).await.unwrap(), 0);
        assert_eq!(store.reap(3, "engine_failed", now).await.unwrap(), 1);
        assert_eq!(store.reap(3, "engine_failed", now).await.unwrap(), 0);
        let video = store.video(&tenant, &id).await.unwrap().unwrap();
        assert_eq!(video.state, "failed");
        assert_eq!(video.failure_code.as_deref(), Some("engine_failed"));
        let dead = store.jobs(true, "", 10).await.unwrap();
        assert_eq!((&dead[0].video_id, dead[0].died_at), (&id, Some(now)));
        assert_eq!(dead[0].tenant.tenant_id(), tenant.id());
        let counts = QueueCounts {
            waiting: 0,
            running: 0,
            dead: 1,
        };
        assert_eq!(store.queue(now).await.unwrap(), counts);
        assert!(store.claim(Claim { now, ..CLAIM }).await.unwrap().is_none());

        let other = registered(store, "site-b").await;
        assert!(!store.requeue(&other, &id, now).await.unwrap(), "P5");
        assert!(store.requeue(&dead[0].tenant, &id, now).await.unwrap());
        assert!(!store.requeue(&tenant, &id, now).await.unwrap());
        let video = store.video(&tenant, &id).await.unwrap().unwrap();
        assert_eq!((video.state.as_str(), video.failure_code), ("queued", None));
        let lease = store.claim(Claim { now, ..CLAIM }).await.unwrap().unwrap();
        assert_eq!(lease.attempt(), 1);
        assert!(store.park(&lease, "engine_failed", now).await.unwrap());
        assert_eq!(store.purge_dead(now).await.unwrap(), 0);
        assert_eq!(store.purge_dead(now + 1).await.unwrap(), 1);
        assert!(store.jobs(false, "", 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_cancelled_job_is_nobodys() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        let other = registered(store, "site-b").await;
        let id = queued(store, &tenant).await;
        let lease = claim(store).await.unwrap();
        store.start(&lease).await.unwrap().unwrap();
        let code = "video_cancelled";
        assert_eq!(
            store.cancel(&other, &id, code, NOW).await.unwrap(),
            Cancelled::NotFound
        );
        assert_eq!(
            store.cancel(&tenant, &id, code, NOW).await.unwrap(),
            Cancelled::Yes
        );
        assert_eq!(
            store.cancel(&tenant, &id, code, NOW).await.unwrap(),
            Cancelled::Ended
        );
        assert_eq!(
            store.cancel(&tenant, &video_id(), code, NOW).await.unwrap(),
            Cancelled::NotFound
        );
        assert!(!store.beat(&lease, "drawing", 50, NOW + 99).await.unwrap());
        assert!(!store.finish(&lease, &FINISHED).await.unwrap());
        let video = store.video(&tenant, &id).await.unwrap().unwrap();
        assert_eq!(video.failure_code.as_deref(), Some(code));
        assert!(claim(store).await.is_none());
    }
}

#[tokio::test]
async fn a_worker_that_was_told_to_stop_has_not_tried() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let owner = registered(store, "site-a").await;
        queued(store, &owner).await;
        for _ in 0..5 {
            let lease = claim(store).await.unwrap();
            assert_eq!(lease.attempt(), 1);
            store.release(&lease, NOW, false).await.unwrap();
        }
        let lease = claim(store).await.unwrap();
        store.release(&lease, NOW + 60, true).await.unwrap();
        assert!(claim(store).await.is_none(), "it pauses");
        let later = Claim {
            now: NOW + 60,
            ..CLAIM
        };
        assert_eq!(store.claim(later).await.unwrap().unwrap().attempt(), 2);
        assert!(store.tenant(&tenant("site-c")).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_note_is_kept_for_the_leases_holder_alone_and_found_by_the_next_one() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        queued(store, &tenant).await;
        let lease = claim(store).await.unwrap();
        assert_eq!(store.start(&lease).await.unwrap().unwrap().note, None);
        assert!(store.note(&lease, b"sealed note").await.unwrap());
        store.release(&lease, NOW, false).await.unwrap();
        assert!(
            !store.note(&lease, b"too late").await.unwrap(),
            "{}",
            opened.name
        );
        let next = claim(store).await.unwrap();
        let row = store.start(&next).await.unwrap().unwrap();
        assert_eq!(
            row.note.as_deref(),
            Some(&b"sealed note"[..]),
            "{}",
            opened.name
        );
    }
}

#[tokio::test]
async fn a_postponed_job_waits_with_its_reason_and_loses_no_attempt() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        let id = queued(store, &tenant).await;
        let until = |why, underway| Postponed {
            not_before: NOW + 60,
            underway,
            stage: Some("drawing"),
            percent: 40,
            why,
        };
        for _ in 0..5 {
            let lease = claim(store).await.unwrap();
            assert_eq!(lease.attempt(), 1, "{}", opened.name);
            let kept = store
                .postpone(&lease, until(Some("engine_unavailable"), false))
                .await;
            assert!(kept.unwrap());
            let again = store.postpone(&lease, until(None, true)).await.unwrap();
            assert!(!again, "it is not this worker's any more");
            let row = store.video(&tenant, &id).await.unwrap().unwrap();
            assert_eq!((row.state.as_str(), row.percent), ("queued", 40));
            assert_eq!(row.failure_code.as_deref(), Some("engine_unavailable"));
            assert!(claim(store).await.is_none(), "not before its time");
            // What waits for a key goes on with one.
            store.set_key_problem(&tenant, None, NOW).await.unwrap();
        }
        let lease = claim(store).await.unwrap();
        store.postpone(&lease, until(None, true)).await.unwrap();
        let row = store.video(&tenant, &id).await.unwrap().unwrap();
        assert_eq!((row.state.as_str(), row.failure_code), ("running", None));
    }
}

#[tokio::test]
async fn a_keys_problem_is_noted_until_there_is_another_key() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let (tenant, other) = (
            registered(store, "site-a").await,
            registered(store, "site-b").await,
        );
        let row = |saved_at| ApiKeyRow {
            api_key: b"sealed".to_vec(),
            fingerprint: "01234567".to_owned(),
            saved_at,
        };
        store.put_api_key(&tenant, &row(NOW)).await.unwrap();
        store.put_api_key(&other, &row(NOW)).await.unwrap();
        store
            .set_key_problem(&tenant, Some("api_key_refused"), NOW + 1)
            .await
            .unwrap();
        let noted = store.key_problem(&tenant).await.unwrap();
        assert_eq!(
            noted,
            Some(("api_key_refused".to_owned(), NOW + 1)),
            "{}",
            opened.name
        );
        assert_eq!(store.key_problem(&other).await.unwrap(), None);
        queued(store, &tenant).await;
        let lease = claim(store).await.unwrap();
        let job = store.start(&lease).await.unwrap().unwrap();
        assert_eq!(
            (job.problem.as_deref(), job.problem_at),
            (Some("api_key_refused"), Some(NOW + 1))
        );
        store.put_api_key(&tenant, &row(NOW + 2)).await.unwrap();
        assert_eq!(store.key_problem(&tenant).await.unwrap(), None);
    }
}
