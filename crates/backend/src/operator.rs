//! What an operator does from the command line, on the database directly: it works while the service
//! runs, and where it does not. Prints one JSON value a line. What it prints of a tenant are ids and
//! states; only an export, which a tenant asked for, has content. Must never print a key.

use std::collections::BTreeSet;
use std::io::Write;

use protocol::{DeletionReason, VideoId};
use serde_json::{Value, json};

use crate::audit::{self, Act, Note, Role};
use crate::deletion::{DeletionError, Deletions, Target};
use crate::receipts;
use crate::records::{Records, RecordsError, timestamp};
use crate::store::{Cancelled, JobSummary, Owner as _, Registered, Store, StoreError, TenantState};
use crate::vault::LocalMasterKeys;
use crate::vault::master::{MasterKeyError, MasterKeys as _};

/// Lines of a list that are read at once.
const AT_ONCE: i64 = 500;

/// The service's own keys, which a rotation wraps anew like tenants'.
const SERVICE_KEYS: [&str; 2] = [receipts::PURPOSE, audit::KEY_PURPOSE];

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is kept.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A master key.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The deletion did not end.
    #[error(transparent)]
    Deletion(#[from] DeletionError),
    /// There is no tenant of this id.
    #[error("there is no such tenant: `golpo-backend tenant list` shows them")]
    NoTenant,
    /// There is no video of this id.
    #[error("there is no such video")]
    NoVideo,
    /// The answer could not be printed.
    #[error("the answer could not be printed")]
    Print(#[from] std::io::Error),
}

/// Prints every tenant.
pub async fn list_tenants(store: &dyn Store, mut out: impl Write) -> Result<(), OperatorError> {
    let mut after = String::new();
    loop {
        let tenants = store.tenants(&after, AT_ONCE).await?;
        for tenant in &tenants {
            let line = json!({
                "tenant": tenant.tenant.tenant_id(),
                "state": tenant.state.as_str(),
                "masterKey": tenant.master,
                "createdAt": timestamp(tenant.created_at)?,
            });
            writeln!(out, "{line}")?;
        }
        match tenants.last() {
            Some(last) => after = last.tenant.tenant_id().to_owned(),
            None => return Ok(()),
        }
    }
}

/// Suspends a tenant, or lets it go on (P19). A running service follows within seconds.
pub async fn set_state(
    records: &Records,
    tenant_id: &str,
    state: TenantState,
    now: i64,
    mut out: impl Write,
) -> Result<(), OperatorError> {
    let store = records.store();
    let tenant = found(store.as_ref(), tenant_id).await?;
    let act = match state {
        TenantState::Suspended => Act::TenantSuspended,
        _ => Act::TenantResumed,
    };
    note(records, act, Some(&tenant), now).await?;
    let changed = store.set_state(&tenant, state).await?;
    let state = store.tenant(&tenant).await?.map(|row| row.state.as_str());
    tracing::info!(changed, state, "an operator changed a tenant's state");
    let line = json!({ "tenant": tenant_id, "state": state, "changed": changed });
    writeln!(out, "{line}")?;
    Ok(())
}

/// Deletes everything of a tenant and prints the deletion with its receipt.
pub async fn delete_tenant(
    deletions: &Deletions,
    tenant_id: &str,
    mut out: impl Write,
) -> Result<(), OperatorError> {
    let tenant = found(deletions.records.store().as_ref(), tenant_id).await?;
    let deletion = deletions
        .delete(&tenant, &Target::Tenant, DeletionReason::Operator)
        .await?;
    writeln!(out, "{}", json!(deletion))?;
    Ok(())
}

/// Prints what is kept of a tenant, in clear but for the API key, of which there is only the
/// fingerprint: one line for the site, one for each video.
pub async fn export_tenant(
    records: &Records,
    tenant_id: &str,
    now: i64,
    mut out: impl Write,
) -> Result<(), OperatorError> {
    let store = records.store();
    let tenant = found(store.as_ref(), tenant_id).await?;
    note(records, Act::TenantExported, Some(&tenant), now).await?;
    let usage = records.usage_lines(&tenant, "0000-00", "9999-99").await?;
    let site = json!({
        "tenant": tenant_id,
        "state": store.tenant(&tenant).await?.map(|row| row.state.as_str()),
        "limits": records.limits(&tenant).await?,
        "apiKey": records.api_key_state(&tenant).await?,
        "usage": usage,
    });
    writeln!(out, "{site}")?;
    let mut cursor: Option<VideoId> = None;
    loop {
        let page = records.videos(&tenant, None, cursor.as_ref(), 200).await?;
        for video in &page.videos {
            let chapters = records.chapters(&tenant, &video.id).await?;
            writeln!(out, "{}", json!({ "video": video, "chapters": chapters }))?;
        }
        match page.next_cursor.and_then(|cursor| cursor.parse().ok()) {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

/// Prints the jobs there are; the parked ones alone where asked.
pub async fn list_jobs(
    store: &dyn Store,
    parked: bool,
    mut out: impl Write,
) -> Result<(), OperatorError> {
    let mut after = String::new();
    loop {
        let jobs = store.jobs(parked, &after, AT_ONCE).await?;
        for job in &jobs {
            writeln!(out, "{}", shown(job)?)?;
        }
        match jobs.last() {
            Some(last) => after = last.video_id.to_string(),
            None => return Ok(()),
        }
    }
}

fn shown(job: &JobSummary) -> Result<Value, StoreError> {
    let state = match (job.dead, job.leased) {
        (true, _) => "parked",
        (false, true) => "running",
        (false, false) => "waiting",
    };
    Ok(json!({
        "video": job.video_id,
        "tenant": job.tenant.tenant_id(),
        "state": state,
        "attempts": job.attempts,
        "notBefore": timestamp(job.not_before)?,
        "parkedAt": job.died_at.map(timestamp).transpose()?,
    }))
}

/// Lets a parked job run again. Whether there was one.
pub async fn requeue(
    records: &Records,
    video: &VideoId,
    now: i64,
    mut out: impl Write,
) -> Result<bool, OperatorError> {
    let store = records.store();
    let owner = store.owner_of_video(video).await?;
    let owner = owner.ok_or(OperatorError::NoVideo)?;
    note(records, Act::JobRequeued, Some(&owner), now).await?;
    let requeued = store.requeue(&owner, video, now).await?;
    writeln!(out, "{}", json!({ "video": video, "requeued": requeued }))?;
    Ok(requeued)
}

/// Ends a job, and the script with it; its video fails as cancelled. Whether there was one.
pub async fn cancel(
    records: &Records,
    video: &VideoId,
    now: i64,
    mut out: impl Write,
) -> Result<bool, OperatorError> {
    let store = records.store();
    let owner = store.owner_of_video(video).await?;
    let owner = owner.ok_or(OperatorError::NoVideo)?;
    note(records, Act::JobCancelled, Some(&owner), now).await?;
    let code = protocol::ErrorCode::VideoCancelled.as_str();
    let cancelled = store.cancel(&owner, video, code, now).await? == Cancelled::Yes;
    writeln!(out, "{}", json!({ "video": video, "cancelled": cancelled }))?;
    Ok(cancelled)
}

/// Makes a new master key in a key file, where there is one to be made, and wraps every data key under the
/// current one, of tenants and of the service itself, while the service runs; prints how many. Until a
/// whole round finds none: a service that was just wrapping a new tenant's key may still have done it
/// with the former one.
pub async fn rotate(
    records: &Records,
    new: Option<&LocalMasterKeys>,
    now: i64,
    mut out: impl Write,
) -> Result<(), OperatorError> {
    let (store, keys) = (records.store(), records.keys());
    note(records, Act::MasterKeyRotated, None, now).await?;
    if let Some(file) = new {
        file.rotate()?;
    }
    // So that the current one is that of the file as it is now.
    keys.masters().probe().await?;
    let current = keys.masters().current();
    let mut wrapped = 0_u64;
    loop {
        let mut found = 0_u64;
        let mut after = String::new();
        loop {
            let tenants = store.tenants(&after, AT_ONCE).await?;
            let Some(last) = tenants.last() else { break };
            after = last.tenant.tenant_id().to_owned();
            for tenant in tenants.iter().filter(|tenant| tenant.master != current) {
                let owner = &tenant.tenant;
                // Deleted meanwhile.
                let Some(row) = store.tenant(owner).await? else {
                    continue;
                };
                let Some(new) = keys.rewrap(owner.tenant_id(), &row.key).await? else {
                    continue;
                };
                found += 1;
                wrapped += u64::from(store.rewrap(owner, &row.key.master, &new).await?);
            }
        }
        for purpose in SERVICE_KEYS {
            let changed = u64::from(records.rewrap_service_key(purpose).await?);
            (found, wrapped) = (found + changed, wrapped + changed);
        }
        if found == 0 {
            break;
        }
    }
    tracing::info!(master = current, wrapped, "data keys were wrapped anew");
    let line = json!({ "masterKey": current, "wrapped": wrapped });
    writeln!(out, "{line}")?;
    Ok(())
}

/// Drops the master keys that wrap nothing any more from the key file; prints how many.
pub async fn retire(
    records: &Records,
    file: &LocalMasterKeys,
    now: i64,
    mut out: impl Write,
) -> Result<(), OperatorError> {
    let store = records.store();
    note(records, Act::MasterKeysRetired, None, now).await?;
    let mut in_use = BTreeSet::new();
    let mut after = String::new();
    loop {
        let tenants = store.tenants(&after, AT_ONCE).await?;
        let Some(last) = tenants.last() else { break };
        after = last.tenant.tenant_id().to_owned();
        in_use.extend(tenants.into_iter().map(|tenant| tenant.master));
    }
    for purpose in SERVICE_KEYS {
        in_use.extend(store.service_key(purpose).await?.map(|key| key.master));
    }
    let in_use: Vec<String> = in_use.into_iter().collect();
    let dropped = file.retire(&in_use)?;
    tracing::info!(dropped, "former master keys were dropped");
    let line = json!({ "masterKey": file.current(), "dropped": dropped });
    writeln!(out, "{line}")?;
    Ok(())
}

/// Before it is done.
async fn note(
    records: &Records,
    act: Act,
    tenant: Option<&Registered>,
    now: i64,
) -> Result<(), OperatorError> {
    let note = Note::new(act, Role::Operator);
    let note = match tenant {
        Some(tenant) => note.of(tenant),
        None => note,
    };
    Ok(records.trail().append(note, now).await?)
}

async fn found(store: &dyn Store, tenant_id: &str) -> Result<Registered, OperatorError> {
    let tenant = store.registered(tenant_id).await?;
    tenant.ok_or(OperatorError::NoTenant)
}
