//! From the command line to a running service, and back to rest: on SIGTERM or Ctrl-C no new
//! connections are taken, open requests are answered, the worker gives its job back.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use engine::VideoEngine;
use engine::local::{Config, LocalEngine};
use fit::{Audiences, FetchError, SystemClock, Verifier};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::app::App;
use crate::cli::{Cli, Command, CommonArgs, EngineName, ServeArgs, TokenCommand, TokenVerifyArgs};
use crate::jobs::{Settings, Worker};
use crate::limits::Limits;
use crate::objects::{ObjectError, Objects};
use crate::router::router;
use crate::store::{Store, StoreError};
use crate::telemetry;
use crate::token;
use crate::vault::{MasterKey, MasterKeyError, Vault, VaultError};

/// Why the program could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No master key was given.
    #[error(
        "a master key is needed: --master-key-file FILE (with --create-master-key to make it), or GOLPO_MASTER_KEY"
    )]
    NoMasterKey,
    /// The master key cannot be used.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The vault could not be made.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database could not be opened or migrated.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory of videos cannot be used.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// The HTTP client for keys could not be made.
    #[error(transparent)]
    Keys(#[from] FetchError),
    /// The engine cannot work on this machine.
    #[error("the engine could not be started")]
    Engine(#[source] engine::EngineError),
    /// No app id was given.
    #[error("--audience must name at least one app")]
    NoAudience,
    /// The address could not be listened at, or serving failed.
    #[error("the address could not be served")]
    Listen(#[source] std::io::Error),
}

/// Does what the command line says, until it is done or told to stop. The answer is the exit code.
pub async fn run(cli: Cli) -> Result<ExitCode, StartError> {
    if let Command::Token(TokenCommand::Verify(args)) = &cli.command {
        return Ok(verify_token(args));
    }
    telemetry::init_metrics();
    let stop = CancellationToken::new();
    tokio::spawn(wait_for_signal(stop.clone()));
    match cli.command {
        Command::Serve(args) => serve(args, stop).await,
        Command::Worker(args) => {
            let parts = Parts::open(&args.common).await?;
            parts.worker().run(stop).await;
            parts.store.close().await;
            Ok(())
        }
        Command::Migrate(args) => {
            Store::migrate_at(&args.database_url).await?;
            tracing::info!("database migrated");
            Ok(())
        }
        Command::Token(_) => Ok(()),
    }
    .map(|()| ExitCode::SUCCESS)
}

fn verify_token(args: &TokenVerifyArgs) -> ExitCode {
    match token::verify(args, std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(refusal)) => {
            tracing::warn!(reason = refusal.reason(), "the token was refused");
            ExitCode::from(1)
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(%error, cause, "the token could not be looked at");
            ExitCode::from(2)
        }
    }
}

/// What serving and making videos share.
struct Parts {
    store: Store,
    objects: Objects,
    vault: Arc<Vault>,
    engine: Arc<dyn VideoEngine>,
    notify: Arc<Notify>,
}

impl Parts {
    async fn open(args: &CommonArgs) -> Result<Self, StartError> {
        let vault = Arc::new(Vault::new(&master_key(args)?)?);
        let store = Store::open(&args.database.database_url, Arc::clone(&vault)).await?;
        store.migrate().await?;
        let objects = Objects::local(&args.objects, Arc::clone(&vault))?;
        let engine: Arc<dyn VideoEngine> = match args.engine {
            EngineName::Local => {
                let config = Config::detect(std::env::var_os("PATH").as_deref());
                Arc::new(LocalEngine::new(config).map_err(StartError::Engine)?)
            }
        };
        Ok(Self {
            store,
            objects,
            vault,
            engine,
            notify: Arc::default(),
        })
    }

    fn worker(&self) -> Worker {
        Worker {
            store: self.store.clone(),
            objects: self.objects.clone(),
            engine: Arc::clone(&self.engine),
            clock: Arc::new(SystemClock),
            notify: Arc::clone(&self.notify),
            settings: Settings::default(),
        }
    }
}

fn master_key(args: &CommonArgs) -> Result<MasterKey, StartError> {
    match &args.master_key_file {
        Some(path) if args.create_master_key => Ok(MasterKey::read_or_create(path)?),
        Some(path) => Ok(MasterKey::read(path)?),
        None => {
            let text = std::env::var("GOLPO_MASTER_KEY").map_err(|_| StartError::NoMasterKey)?;
            Ok(MasterKey::from_base64(&Zeroizing::new(text))?)
        }
    }
}

async fn serve(args: ServeArgs, stop: CancellationToken) -> Result<(), StartError> {
    let audiences = Audiences::new(args.audiences).ok_or(StartError::NoAudience)?;
    let parts = Parts::open(&args.common).await?;
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(StartError::Listen)?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    let public_url = args
        .public_url
        .unwrap_or_else(|| format!("http://{address}"));
    let app = Arc::new(App {
        store: parts.store.clone(),
        objects: parts.objects.clone(),
        vault: Arc::clone(&parts.vault),
        verifier: Verifier::new(args.jwks_url, audiences, Arc::new(SystemClock))?,
        engine: Arc::clone(&parts.engine),
        clock: Arc::new(SystemClock),
        notify: Arc::clone(&parts.notify),
        public_url: public_url.trim_end_matches('/').to_owned(),
        require_api_key: args.require_api_key,
        limits: Limits::default(),
    });
    let worker = (!args.no_worker).then(|| tokio::spawn(parts.worker().run(stop.clone())));
    let upkeep = tokio::spawn(upkeep(Arc::clone(&app), stop.clone()));
    tracing::info!(%address, "serving");
    let (router, _) = router(app);
    let served = axum::serve(listener, router)
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .await
        .map_err(StartError::Listen);
    stop.cancel();
    if let Some(worker) = worker {
        // A panic of the worker has been logged by the hook.
        let _ = worker.await;
    }
    let _ = upkeep.await;
    parts.store.close().await;
    tracing::info!("stopped");
    served
}

/// Fetches the keys before they are first needed, and forgets quiet tenants' request counts.
async fn upkeep(app: Arc<App>, stop: CancellationToken) {
    let mut pause = Duration::from_secs(2);
    while !stop.is_cancelled() {
        if !app.verifier.has_keys()
            && let Err(error) = app.verifier.refresh().await
        {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "the keys of Forge are still unknown");
        }
        if app.verifier.has_keys() {
            pause = Duration::from_secs(60);
        }
        app.limits.tidy();
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(Duration::from_secs(60));
    }
}

async fn wait_for_signal(stop: CancellationToken) {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            // Then Ctrl-C alone stops the program in good order.
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
    tracing::info!("asked to stop");
    stop.cancel();
}
