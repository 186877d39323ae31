//! One charge a video, and what an allowance counts.

use backend::store::{Inserted, UsageRow};

use crate::support::{FINISHED, MONTH, NOW, answer, ask, both, claim, queued, registered};

#[tokio::test]
async fn a_video_is_charged_once_however_often_its_job_runs() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        for _ in 0..3 {
            let id = queued(store, &tenant).await;
            let lease = claim(store).await.unwrap();
            store.park(&lease, "engine_failed", NOW).await.unwrap();
            store.requeue(&tenant, &id, NOW).await.unwrap();
            let lease = claim(store).await.unwrap();
            assert!(store.finish(&lease, &FINISHED).await.unwrap());
            assert!(!store.finish(&lease, &FINISHED).await.unwrap());
        }
        let used = store.usage(&tenant, MONTH, MONTH).await.unwrap();
        let expected = UsageRow {
            month: MONTH.to_owned(),
            space_id: Some("98306".to_owned()),
            engine: "local".to_owned(),
            videos: 3,
            seconds: 39,
        };
        assert_eq!(used, [expected], "{}", opened.name);
        assert_eq!(
            store.usage(&tenant, "2027-02", "2027-12").await.unwrap(),
            []
        );
    }
}

#[tokio::test]
async fn an_allowance_counts_what_is_done_and_what_is_on_its_way() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        store.set_limits(&tenant, Some(3), None).await.unwrap();
        queued(store, &tenant).await;
        let lease = claim(store).await.unwrap();
        store.finish(&lease, &FINISHED).await.unwrap();
        queued(store, &tenant).await;
        // Failed for good: not counted any more.
        let lease = claim(store).await.unwrap();
        store.fail(&lease, "too_large", NOW).await.unwrap();
        queued(store, &tenant).await;
        queued(store, &tenant).await;
        let (_, refused) = ask(store, &tenant, "one too many").await;
        assert!(matches!(refused, Inserted::AllowanceUsed), "{refused:?}");
        // The refusal is not kept as the key's answer.
        store.set_limits(&tenant, Some(4), None).await.unwrap();
        let (_, asked) = ask(store, &tenant, "one too many").await;
        assert!(matches!(asked, Inserted::New), "{asked:?}");
    }
}

#[tokio::test]
async fn requests_at_once_do_not_share_the_last_place() {
    for opened in both().await {
        let tenant = registered(opened.store.as_ref(), "site-a").await;
        opened
            .store
            .set_limits(&tenant, Some(2), None)
            .await
            .unwrap();
        let asked = (0..10).map(|number| {
            let (store, tenant) = (std::sync::Arc::clone(&opened.store), tenant.clone());
            tokio::spawn(async move { ask(store.as_ref(), &tenant, &number.to_string()).await.1 })
        });
        let mut made = 0;
        for asked in asked.collect::<Vec<_>>() {
            made += u32::from(matches!(asked.await.unwrap(), Inserted::New));
        }
        assert_eq!(made, 2, "{}", opened.name);
    }
}

#[tokio::test]
async fn one_key_makes_one_video_however_many_ask_at_once() {
    for opened in both().await {
        let tenant = registered(opened.store.as_ref(), "site-a").await;
        let asked = (0..10).map(|_| {
            let (store, tenant) = (std::sync::Arc::clone(&opened.store), tenant.clone());
            tokio::spawn(async move { ask(store.as_ref(), &tenant, "key").await.1 })
        });
        let mut made = 0;
        for asked in asked.collect::<Vec<_>>() {
            match asked.await.unwrap() {
                Inserted::New => made += 1,
                Inserted::Answered(earlier) => assert_eq!(earlier.answer, b"asked"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(made, 1, "{}", opened.name);
        let other = registered(opened.store.as_ref(), "site-b").await;
        let (_, asked) = ask(opened.store.as_ref(), &other, "key").await;
        assert!(
            matches!(asked, Inserted::New),
            "another tenant's key: {asked:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_is_kept_once_and_forgotten_in_time() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        let keep = |text: &'static str| async move {
            let kept = answer(text);
            let tenant = crate::support::tenant("site-a");
            store.keep_answer(&tenant, "key", &kept, NOW).await.unwrap()
        };
        assert!(keep("first").await.is_none());
        assert_eq!(keep("second").await.unwrap().answer, b"first");
        assert_eq!(store.purge_answers(NOW).await.unwrap(), 0);
        assert_eq!(store.purge_answers(NOW + 1).await.unwrap(), 1);
        assert!(store.answer(&tenant, "key").await.unwrap().is_none());
        assert!(keep("third").await.is_none());
    }
}
