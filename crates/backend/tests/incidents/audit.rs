//! The chain: whatever somebody does to the trail who can write the database and has no key, it shows.

use backend::audit::{Act, Fault, Note, Role, Trail};

use crate::support::{NOW, Opened, both};

/// Seven entries: the beginning, and six acts.
async fn filled(trail: &Trail) {
    for (at, act) in [
        Act::ApiKeySaved,
        Act::ApiKeyReplaced,
        Act::LimitsChanged,
        Act::TenantSuspended,
        Act::TenantResumed,
        Act::ApiKeyRemoved,
    ]
    .into_iter()
    .enumerate()
    {
        let note = Note::new(act, Role::Admin).of_id("site-a:production");
        trail.append(note, NOW + at as i64).await.unwrap();
    }
}

/// What an intruder does, and what is found first.
const INTRUSIONS: &[(&str, Fault)] = &[
    (
        "UPDATE audit_entries SET act = 'video_deleted' WHERE number = 4",
        Fault::Changed(4),
    ),
    (
        "UPDATE audit_entries SET role = 'user' WHERE number = 2",
        Fault::Changed(2),
    ),
    (
        "UPDATE audit_entries SET happened_at = happened_at + 1 WHERE number = 7",
        Fault::Changed(7),
    ),
    (
        "UPDATE audit_entries SET tenant = 'site-b:production' WHERE number = 3",
        Fault::Changed(3),
    ),
    (
        "UPDATE audit_entries SET tenant = NULL WHERE number = 3",
        Fault::Changed(3),
    ),
    (
        "UPDATE audit_entries SET tenant = '' WHERE number = 1",
        Fault::Changed(1),
    ),
    (
        "UPDATE audit_entries SET incident = 'x' WHERE number = 3",
        Fault::Changed(3),
    ),
    (
        "UPDATE audit_entries SET amount = 2 WHERE number = 5",
        Fault::Changed(5),
    ),
    (
        "DELETE FROM audit_entries WHERE number = 3",
        Fault::Missing(3),
    ),
    (
        "DELETE FROM audit_entries WHERE number = 1",
        Fault::Missing(1),
    ),
    // Taken away and closed up.
    (
        "DELETE FROM audit_entries WHERE number = 3;
         UPDATE audit_entries SET number = number - 1 WHERE number > 3",
        Fault::Changed(3),
    ),
    // Two that change places.
    (
        "UPDATE audit_entries SET number = 100 WHERE number = 3;
         UPDATE audit_entries SET number = 3 WHERE number = 4;
         UPDATE audit_entries SET number = 4 WHERE number = 100",
        Fault::Changed(3),
    ),
    // Put in, with another's MAC.
    (
        "INSERT INTO audit_entries SELECT 8, happened_at, act, role, tenant, incident, amount, mac
         FROM audit_entries WHERE number = 7",
        Fault::BehindTheEnd(8),
    ),
    ("DELETE FROM audit_entries WHERE number = 7", Fault::Cut(7)),
    ("DELETE FROM audit_entries WHERE number > 4", Fault::Cut(5)),
    ("DELETE FROM audit_entries", Fault::Cut(1)),
    // Cut, and the end moved to where the cut is.
    (
        "DELETE FROM audit_entries WHERE number > 4;
         UPDATE audit_head SET entries = 4, mac = (SELECT mac FROM audit_entries WHERE number = 4)",
        Fault::Head(4),
    ),
    ("UPDATE audit_head SET seal = mac", Fault::Head(7)),
    ("UPDATE audit_head SET mac = seal", Fault::Head(7)),
    (
        "DELETE FROM service_keys WHERE purpose = 'audit'",
        Fault::NoKey,
    ),
];

#[tokio::test]
async fn p18_p20_every_change_of_the_trail_shows_at_its_first_entry() {
    for (sql, expected) in INTRUSIONS {
        for opened in both().await {
            let trail = opened.records.trail();
            filled(trail).await;
            let before = trail.verify().await.unwrap();
            assert_eq!((before.anchor.entries, before.fault), (7, None));
            opened.intrude(sql).await;
            let found = trail.verify().await.unwrap().fault;
            assert_eq!(found, Some(*expected), "{}: {sql}", opened.name);
        }
    }
}

#[tokio::test]
async fn p18_what_is_written_after_a_cut_does_not_hide_it() {
    for opened in both().await {
        let trail = opened.records.trail();
        filled(trail).await;
        let cut = "DELETE FROM audit_entries WHERE number > 4;
            UPDATE audit_head SET entries = 4, mac = (SELECT mac FROM audit_entries WHERE number = 4)";
        opened.intrude(cut).await;
        filled(trail).await;
        let found = trail.verify().await.unwrap();
        assert_eq!(found.fault, Some(Fault::Broken(5)), "{}", opened.name);
        assert_eq!(found.anchor.entries, 4);
    }
}

#[tokio::test]
async fn p18_a_trail_set_back_as_a_whole_shows_by_an_anchor_kept_elsewhere() {
    for opened in both().await {
        let trail = opened.records.trail();
        filled(trail).await;
        opened
            .intrude("CREATE TABLE kept AS SELECT * FROM audit_head")
            .await;
        let early = trail.verify().await.unwrap().anchor;
        filled(trail).await;
        let late = trail.verify().await.unwrap().anchor;
        assert_eq!(trail.verify_after(&early).await.unwrap().fault, None);
        assert_eq!(trail.verify_after(&early).await.unwrap().anchor, late);
        // An old end is a good end; who saw a later one knows better.
        let set_back = "DELETE FROM audit_entries WHERE number > 7; DELETE FROM audit_head;
            INSERT INTO audit_head SELECT * FROM kept";
        opened.intrude(set_back).await;
        assert_eq!(trail.verify().await.unwrap().fault, None);
        let found = trail.verify_after(&late).await.unwrap().fault;
        assert_eq!(found, Some(Fault::SetBack(late.entries)), "{}", opened.name);
        // Also when it has grown again to the same length.
        for _ in 0..6 {
            let note = Note::new(Act::VideoDeleted, Role::User);
            trail.append(note, NOW).await.unwrap();
        }
        assert_eq!(trail.verify().await.unwrap().fault, None);
        let found = trail.verify_after(&late).await.unwrap().fault;
        assert_eq!(found, Some(Fault::SetBack(late.entries)), "{}", opened.name);
        let again: backend::audit::Anchor = late.to_string().parse().unwrap();
        assert_eq!(again, late);
    }
}

#[tokio::test]
async fn p18_many_who_write_at_once_make_one_chain() {
    for opened in both().await {
        let mut writers = Vec::new();
        for writer in 0..6 {
            let records = opened.again().await;
            writers.push(tokio::spawn(async move {
                for _ in 0..10 {
                    let note = Note::new(Act::VideoDeleted, Role::User).times(writer);
                    records.trail().append(note, NOW).await.unwrap();
                }
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let found = opened.records.trail().verify().await.unwrap();
        assert_eq!(
            (found.anchor.entries, found.fault),
            (61, None),
            "{}",
            opened.name
        );
    }
}

/// On PostgreSQL with the service's rights and with the owner's, on SQLite with everybody's.
#[tokio::test]
async fn p18_the_database_itself_refuses_to_change_or_remove_entries() {
    for opened in both().await {
        filled(opened.records.trail()).await;
        for sql in [
            "UPDATE audit_entries SET act = 'video_deleted'",
            "DELETE FROM audit_entries WHERE number = 7",
            "DELETE FROM audit_head",
            "UPDATE audit_head SET entries = 4",
        ] {
            let why = opened.refused(sql).await;
            let known = ["the audit trail", "permission denied"];
            assert!(known.iter().any(|word| why.contains(word)), "{sql}: {why}");
            if let Some(why) = opened.owner_refused(sql).await {
                assert!(known.iter().any(|word| why.contains(word)), "{sql}: {why}");
            }
        }
        if let Some(why) = opened.owner_refused("TRUNCATE audit_entries").await {
            assert!(why.contains("the audit trail"), "{why}");
        }
        assert_eq!(opened.records.trail().verify().await.unwrap().fault, None);
    }
}

#[tokio::test]
async fn an_empty_trail_is_good_and_has_no_key_yet() {
    for opened in both().await {
        let found = opened.records.trail().verify().await.unwrap();
        assert_eq!((found.anchor.entries, found.fault), (0, None));
        assert!(
            opened
                .records
                .store()
                .service_key("audit")
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn p07_p18_another_master_key_does_not_bind_the_trail() {
    let [first, second] = <[Opened; 2]>::try_from(both().await).ok().unwrap();
    filled(first.records.trail()).await;
    filled(second.records.trail()).await;
    let anchor = first.records.trail().verify().await.unwrap().anchor;
    let other = second.records.trail().verify_after(&anchor).await.unwrap();
    assert_eq!(other.fault, Some(Fault::SetBack(7)));
}
