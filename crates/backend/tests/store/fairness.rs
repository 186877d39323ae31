//! Whose turn it is.

use backend::store::{Claim, Owner as _};

use crate::support::{CLAIM, both, claim, queued, registered};

#[tokio::test]
async fn ten_thousand_jobs_of_one_tenant_delay_the_first_of_another_by_one() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let many = registered(store, "site-many").await;
        for _ in 0..10_000 {
            queued(store, &many).await;
        }
        for _ in 0..3 {
            assert_eq!(claim(store).await.unwrap().tenant_id(), many.id());
        }
        let few = registered(store, "site-few").await;
        queued(store, &few).await;
        let mut before = 0;
        while claim(store).await.unwrap().tenant_id() != few.id() {
            before += 1;
        }
        println!("{}: {before} of 10,000 came before", opened.name);
        assert!(before <= 1, "{before}");
    }
}

#[tokio::test]
async fn tenants_take_turns() {
    for opened in both().await {
        let store = opened.store.as_ref();
        let mut tenants = Vec::new();
        for site in ["site-a", "site-b", "site-c"] {
            let tenant = registered(store, site).await;
            for _ in 0..3 {
                queued(store, &tenant).await;
            }
            tenants.push(tenant);
        }
        for _ in 0..3 {
            let mut round = Vec::new();
            for _ in 0..3 {
                round.push(claim(store).await.unwrap().tenant_id().to_owned());
            }
            round.sort();
            let all: Vec<&str> = tenants.iter().map(fit::Tenant::id).collect();
            assert_eq!(round, all, "{}", opened.name);
        }
        assert!(claim(store).await.is_none());
    }
}

#[tokio::test]
async fn no_tenant_runs_more_than_its_share_however_many_claim_at_once() {
    for opened in both().await {
        let tenant = registered(opened.store.as_ref(), "site-a").await;
        for _ in 0..20 {
            queued(opened.store.as_ref(), &tenant).await;
        }
        let claims = (0..20).map(|_| {
            let store = std::sync::Arc::clone(&opened.store);
            tokio::spawn(async move {
                let claim = Claim {
                    per_tenant: 2,
                    ..CLAIM
                };
                store.claim(claim).await.unwrap().is_some()
            })
        });
        let mut claimed = 0;
        for claim in claims.collect::<Vec<_>>() {
            claimed += u32::from(claim.await.unwrap());
        }
        assert_eq!(claimed, 2, "{}", opened.name);
    }
}

#[tokio::test]
async fn no_job_is_claimed_twice_however_many_claim_at_once() {
    for opened in both().await {
        let tenant = registered(opened.store.as_ref(), "site-a").await;
        for _ in 0..50 {
            queued(opened.store.as_ref(), &tenant).await;
        }
        let claims = (0..60).map(|_| {
            let store = std::sync::Arc::clone(&opened.store);
            tokio::spawn(async move { store.claim(CLAIM).await.unwrap() })
        });
        let mut claimed = std::collections::BTreeSet::new();
        for claim in claims.collect::<Vec<_>>() {
            if let Some(lease) = claim.await.unwrap() {
                assert!(claimed.insert(lease.video_id().clone()), "{}", opened.name);
            }
        }
        assert_eq!(claimed.len(), 50, "{}", opened.name);
    }
}
