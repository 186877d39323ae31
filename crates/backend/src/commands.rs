//! From an operator's command line to what it does ([`operator`]): opens what the command needs, and
//! closes it again. A command that looks at states alone opens no key and no object store.

use std::io::StdoutLock;
use std::process::ExitCode;
use std::sync::Arc;

use fit::{Clock as _, SystemClock};

use crate::cli::{JobCommand, KeyCommand, TenantArgs, TenantCommand};
use crate::config::{Config, Given};
use crate::masters::{Masters, MastersError};
use crate::operator::{self, OperatorError};
use crate::records::Records;
use crate::serve::{Parts, StartError, open_records, settings};
use crate::store::{self, Store, TenantState};
use crate::vault::LocalMasterKeys;
use crate::vault::master::MasterKeyError;

/// `tenant …`
pub(crate) async fn tenant(command: TenantCommand) -> Result<(), StartError> {
    match command {
        TenantCommand::List(args) => {
            on_store(args.flags.given(), async |store, out| {
                operator::list_tenants(store, out).await
            })
            .await
        }
        TenantCommand::Suspend(args) => change(args, TenantState::Suspended).await,
        TenantCommand::Resume(args) => change(args, TenantState::Active).await,
        TenantCommand::Delete(args) => {
            on_parts(args.flags.given(), async |parts, out| {
                operator::delete_tenant(&parts.deletions(), &args.tenant, out).await
            })
            .await
        }
        TenantCommand::Export(args) => {
            let now = SystemClock.unix_seconds();
            on_records(args.flags.given(), async |records, out| {
                operator::export_tenant(records, &args.tenant, now, out).await
            })
            .await
        }
    }
}

async fn change(args: TenantArgs, state: TenantState) -> Result<(), StartError> {
    let now = SystemClock.unix_seconds();
    on_records(args.flags.given(), async |records, out| {
        operator::set_state(records, &args.tenant, state, now, out).await
    })
    .await
}

/// `job …`; a job that is not there ends with 1.
pub(crate) async fn job(command: JobCommand) -> Result<ExitCode, StartError> {
    let now = SystemClock.unix_seconds();
    let there = match command {
        JobCommand::List(args) => {
            on_store(args.flags.given(), async |store, out| {
                operator::list_jobs(store, args.parked, out).await
            })
            .await?;
            true
        }
        JobCommand::Requeue(args) => {
            on_records(args.flags.given(), async |records, out| {
                operator::requeue(records, &args.video, now, out).await
            })
            .await?
        }
        JobCommand::Cancel(args) => {
            on_records(args.flags.given(), async |records, out| {
                operator::cancel(records, &args.video, now, out).await
            })
            .await?
        }
    };
    Ok(if there {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `key …`
pub(crate) async fn key(command: KeyCommand) -> Result<(), StartError> {
    match command {
        KeyCommand::Rotate(args) => {
            let config = settings(args.flags.given())?;
            // Noted while the former key is the current one, so that nothing rotates without its entry.
            let records = open_records(&config).await?;
            let new = match args.no_new_key {
                true => None,
                false => Some(key_file(&config)?),
            };
            let (now, out) = (SystemClock.unix_seconds(), std::io::stdout().lock());
            let done = operator::rotate(&records, new.as_deref(), now, out).await;
            records.store().close().await;
            Ok(done?)
        }
        KeyCommand::Retire(args) => {
            let config = settings(args.flags.given())?;
            let keys = key_file(&config)?;
            let records = open_records(&config).await?;
            let (now, out) = (SystemClock.unix_seconds(), std::io::stdout().lock());
            let done = operator::retire(&records, &keys, now, out).await;
            records.store().close().await;
            Ok(done?)
        }
    }
}

/// The master keys of a file, which the program can change.
fn key_file(config: &Config) -> Result<Arc<LocalMasterKeys>, StartError> {
    let source = config.master_key.as_ref();
    let masters = Masters::open(source.ok_or(StartError::NotRead("master_key_file"))?)?;
    let file = masters.file().map(Arc::clone);
    Ok(file.ok_or(MastersError::from(MasterKeyError::NotAFile))?)
}

async fn on_store<T>(
    given: Given,
    act: impl AsyncFnOnce(&dyn Store, StdoutLock<'static>) -> Result<T, OperatorError>,
) -> Result<T, StartError> {
    let config = settings(given)?;
    let store: Arc<dyn Store> = store::open(config.database_url.as_str()).await?;
    let done = act(store.as_ref(), std::io::stdout().lock()).await;
    store.close().await;
    Ok(done?)
}

async fn on_records<T>(
    given: Given,
    act: impl AsyncFnOnce(&Records, StdoutLock<'static>) -> Result<T, OperatorError>,
) -> Result<T, StartError> {
    let records = open_records(&settings(given)?).await?;
    let done = act(&records, std::io::stdout().lock()).await;
    records.store().close().await;
    Ok(done?)
}

async fn on_parts<T>(
    given: Given,
    act: impl AsyncFnOnce(&Parts, StdoutLock<'static>) -> Result<T, OperatorError>,
) -> Result<T, StartError> {
    let parts = Parts::open(&settings(given)?).await?;
    let done = act(&parts, std::io::stdout().lock()).await;
    parts.records.store().close().await;
    Ok(done?)
}
