//! A tenant's row, its deletion, and what is looked over for the upkeep.

use backend::store::{
    ApiKeyRow, DeletionRow, ErasedRows, Inserted, Owner as _, TenantState, Which,
};
use backend::vault::WrappedKey;

use crate::support::{
    FINISHED, MONTH, NOW, answer, ask, both, claim, page, queued, registered, tenant,
};

fn key(master: &str) -> WrappedKey {
    WrappedKey {
        master: master.to_owned(),
        bytes: b"wrapped".to_vec(),
    }
}

#[tokio::test]
async fn the_first_registration_counts() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        let other = key("other");
        let again = store.register(&tenant, "other", &other, NOW + 1);
        let row = again.await.unwrap();
        assert_eq!(row.folder, "folder of site-a");
        assert_eq!((row.key.master.as_str(), row.created_at), ("first", NOW));
        assert_eq!(row.state, TenantState::Active);
    }
}

#[tokio::test]
async fn p19_a_suspended_tenant_gets_no_job_and_asks_for_none() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        queued(store, &tenant).await;
        assert!(
            store
                .set_state(&tenant, TenantState::Suspended)
                .await
                .unwrap()
        );
        assert!(claim(store).await.is_none());
        let (_, refused) = ask(store, &tenant, "key").await;
        assert!(matches!(refused, Inserted::NotActive), "{refused:?}");
        assert!(store.set_state(&tenant, TenantState::Active).await.unwrap());
        assert!(claim(store).await.is_some());
        assert!(
            store
                .set_state(&tenant, TenantState::Deleting)
                .await
                .unwrap()
        );
        assert!(
            !store.set_state(&tenant, TenantState::Active).await.unwrap(),
            "a deletion is not taken back"
        );
    }
}

#[tokio::test]
async fn a_key_is_rewrapped_only_in_place_of_the_one_that_was_read() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let tenant = registered(store, "site-a").await;
        assert!(
            !store
                .rewrap(&tenant, "second", &key("third"))
                .await
                .unwrap()
        );
        assert!(
            store
                .rewrap(&tenant, "first", &key("second"))
                .await
                .unwrap()
        );
        let listed = store.tenants("", 10).await.unwrap();
        assert_eq!(listed[0].master, "second");
        assert!(
            store
                .put_service_key("receipts", None, &key("a"))
                .await
                .unwrap()
        );
        assert!(
            !store
                .put_service_key("receipts", None, &key("b"))
                .await
                .unwrap()
        );
        assert!(
            !store
                .put_service_key("receipts", Some("b"), &key("c"))
                .await
                .unwrap()
        );
        assert!(
            store
                .put_service_key("receipts", Some("a"), &key("c"))
                .await
                .unwrap()
        );
        let kept = store.service_key("receipts").await.unwrap().unwrap();
        assert_eq!(kept.master, "c");
    }
}

#[tokio::test]
async fn p22_an_erased_tenant_leaves_its_receipts_alone() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let (gone, stays) = (
            registered(store, "site-a").await,
            registered(store, "site-b").await,
        );
        for tenant in [&gone, &stays] {
            queued(store, tenant).await;
            queued(store, tenant).await;
            let row = ApiKeyRow {
                api_key: b"sealed".to_vec(),
                fingerprint: "01234567".to_owned(),
                saved_at: NOW,
            };
            store.put_api_key(tenant, &row).await.unwrap();
            let kept = answer("other");
            store
                .keep_answer(tenant, "other", &kept, NOW)
                .await
                .unwrap();
        }
        for _ in 0..2 {
            let lease = claim(store).await.unwrap();
            store.finish(&lease, &FINISHED).await.unwrap();
        }
        let deletion = DeletionRow {
            id: "0198c0de-0000-7000-8000-000000000001".to_owned(),
            kind: "tenant".to_owned(),
            target: String::new(),
            folder: "folder of site-a".to_owned(),
            reason: "request".to_owned(),
            requested_at: NOW,
            completed_at: None,
            receipt: None,
        };
        store.note_deletion(&gone, &deletion).await.unwrap();
        let open = store.open_deletions().await.unwrap();
        assert_eq!((open.len(), open[0].0.tenant_id()), (1, gone.id()));

        // From here on it may do nothing; and the same is not begun twice.
        let state = store.tenant(&gone).await.unwrap().unwrap().state;
        assert_eq!(state, TenantState::Deleting);
        let same = store.open_deletion(&gone, "tenant", "").await.unwrap();
        assert_eq!(same.as_ref(), Some(&deletion.id));
        let other = store.open_deletion(&gone, "video", "").await.unwrap();
        assert_eq!(other, None);

        // A deletion of the site as it was before touches nothing of the one that came back.
        let nothing = ErasedRows::default();
        let former = store.erase_tenant(&gone, "another folder").await.unwrap();
        assert_eq!(former, nothing);
        let former = store.erase_videos(&gone, "another folder").await.unwrap();
        assert_eq!(former, nothing);
        let erased = store.erase_tenant(&gone, &deletion.folder).await.unwrap();
        let expected = ErasedRows {
            videos: 2,
            jobs: 1,
            answers: 3,
            api_keys: 1,
            charges: 1,
            data_keys: 1,
        };
        assert_eq!(erased, expected, "{}", opened.name);
        let again = store.erase_tenant(&gone, &deletion.folder).await.unwrap();
        assert_eq!(again, nothing);
        assert!(store.tenant(&gone).await.unwrap().is_none());
        let id = &deletion.id;
        store
            .complete_deletion(&gone, id, "{}", NOW + 1)
            .await
            .unwrap();
        let receipt = store.deletion(&gone, id).await.unwrap().unwrap();
        assert_eq!(receipt.completed_at, Some(NOW + 1));
        assert_eq!(store.open_deletions().await.unwrap(), []);
        assert!(store.deletion(&stays, id).await.unwrap().is_none(), "P5");

        let ids = store.video_ids(&stays, Which::All).await.unwrap();
        assert_eq!(ids.len(), 2);
        assert!(store.api_key(&stays).await.unwrap().is_some());
        assert_eq!(store.usage(&stays, MONTH, MONTH).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn p22_the_videos_of_a_page_go_together() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let (one, other) = (
            registered(store, "site-a").await,
            registered(store, "site-b").await,
        );
        for tenant in [&one, &one, &other] {
            queued(store, tenant).await;
        }
        let erased = store
            .delete_videos(&one, Which::OfPage(&page()))
            .await
            .unwrap();
        assert_eq!((erased.videos, erased.jobs, erased.answers), (2, 2, 2));
        assert_eq!(store.video_ids(&other, Which::All).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn p23_videos_past_their_retention_are_found() {
    const DAY: i64 = 86_400;
    for opened in both().await {
        let store = opened.store.as_ref();
        let (short, usual) = (
            registered(store, "site-a").await,
            registered(store, "site-b").await,
        );
        store.set_limits(&short, None, Some(7)).await.unwrap();
        let (first, second) = (queued(store, &short).await, queued(store, &usual).await);
        let past = async |days: i64| -> Vec<_> {
            let found = store.past_retention(NOW + days * DAY + 1, 90, 10).await;
            found.unwrap().into_iter().map(|(_, id)| id).collect()
        };
        assert_eq!(past(6).await, []);
        assert_eq!(past(7).await, std::slice::from_ref(&first));
        let mut both = past(90).await;
        both.sort();
        assert_eq!(both, [first, second]);
        assert!(
            store
                .registered(tenant("site-c").id())
                .await
                .unwrap()
                .is_none()
        );
        assert!(store.registered(short.id()).await.unwrap().is_some());
    }
}
