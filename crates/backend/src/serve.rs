//! From the command line to a running service, and back to rest: on SIGTERM or Ctrl-C no new
//! connections are taken, open requests are answered, the worker gives its job back.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use engine::golpo::{GolpoEngine, Machine};
use engine::local::LocalEngine;
use engine::{ByKey, VideoEngine};
use fit::{FetchError, Refresh, SystemClock, Verifier};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use crate::app::App;
use crate::audit;
use crate::aws::Credentials;
use crate::cli::{Cli, Command, ConfigCommand, EngineName, TokenCommand, TokenVerifyArgs};
use crate::commands;
use crate::config::{self, Collected, Config, Given, Narrator, ServeConfig};
use crate::deletion::Deletions;
use crate::healthcheck;
use crate::incidents;
use crate::incidents::detector::{Detector, Pace};
use crate::jobs::{Settings, Worker};
use crate::limits::Limits;
use crate::masters::{self, Masters, MastersError};
use crate::objects::{Objects, ObjectsStartError};
use crate::operator::OperatorError;
use crate::records::{Records, RecordsError};
use crate::router::router_with;
use crate::store::{self, StoreError};
use crate::telemetry;
use crate::telemetry::traces::{Traces, TracesError};
use crate::token;
use crate::transport::{self, TransportError};
use crate::upkeep::{KeptDays, Upkeep};
use crate::vault::KeyRing;
use crate::vault::keys::KeyRingLimits;

/// Why the program could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something is wrong with so many settings; each has been logged.
    #[error("{0} settings are wrong; `golpo-backend config check` shows all of them")]
    Settings(usize),
    /// A setting that the command needs and did not read: a mistake of ours.
    #[error("the setting {0} was not read")]
    NotRead(&'static str),
    /// The master keys cannot be used.
    #[error(transparent)]
    Masters(#[from] MastersError),
    /// The database could not be opened or migrated.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The place of videos cannot be used.
    #[error(transparent)]
    Objects(#[from] ObjectsStartError),
    /// The HTTP client for keys could not be made.
    #[error(transparent)]
    Keys(#[from] FetchError),
    /// The audit trail could not be read.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// Standard output could not be written to.
    #[error("standard output could not be written to")]
    Output(#[from] std::io::Error),
    /// An operator's command failed.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The engine cannot work on this machine.
    #[error("the engine could not be started")]
    Engine(#[source] engine::EngineError),
    /// Golpo cannot be spoken to as the settings say.
    #[error(transparent)]
    Golpo(#[from] engine::golpo::ConfigError),
    /// Traces could not be started.
    #[error(transparent)]
    Traces(#[from] TracesError),
    /// The address could not be listened at, or serving failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Does what the command line says, until it is done or told to stop. The answer is the exit code.
pub async fn run(cli: Cli) -> Result<ExitCode, StartError> {
    match cli.command {
        Command::Serve(args) => {
            let (config, traces) = settings_and_traces(args.flags.given())?;
            serve(config, begin()).await?;
            finish(traces).await;
        }
        Command::Worker(args) => {
            let (config, traces) = settings_and_traces(args.flags.given())?;
            let stop = begin();
            let parts = Parts::open(&config).await?;
            let upkeep = tokio::spawn(parts.upkeep().run(stop.clone()));
            let detector = tokio::spawn(parts.detector().run(stop.clone()));
            parts.worker().run(stop).await;
            // A panic has been logged by the hook.
            let _ = upkeep.await;
            let _ = detector.await;
            parts.records.store().close().await;
            finish(traces).await;
        }
        Command::Migrate(args) => {
            let config = settings(args.flags.given())?;
            begin();
            store::migrate(config.database_url.as_str()).await?;
            tracing::info!("database migrated");
        }
        Command::Audit(command) => {
            let mut out = std::io::stdout().lock();
            return audit::command::run(command, &mut out).await;
        }
        Command::Incident(command) => {
            let mut out = std::io::stdout().lock();
            return incidents::command::run(command, &mut out).await;
        }
        Command::Tenant(command) => commands::tenant(command).await?,
        Command::Job(command) => return commands::job(command).await,
        Command::Key(command) => commands::key(command).await?,
        Command::Config(ConfigCommand::Check(args)) => {
            return Ok(check_settings(args.flags.given()));
        }
        Command::Token(TokenCommand::Verify(args)) => return Ok(verify_token(&args)),
        Command::Healthcheck(args) => {
            let config = settings(args.flags.given())?;
            return Ok(healthcheck::run(config.serve.as_ref()).await);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The settings as types, and logging as they say. What is wrong with them is logged, all of it.
pub(crate) fn settings(given: Given) -> Result<Config, StartError> {
    let config = read_settings(given)?;
    telemetry::init_logs(config.log, None);
    Ok(config)
}

/// The same, and traces as they say.
fn settings_and_traces(given: Given) -> Result<(Config, Option<Traces>), StartError> {
    let config = read_settings(given)?;
    let traces = config.traces.as_ref().map(Traces::start).transpose();
    telemetry::init_logs(config.log, traces.as_ref().ok().and_then(Option::as_ref));
    Ok((config, traces?))
}

/// Sends the traces that are left.
async fn finish(traces: Option<Traces>) {
    if let Some(traces) = traces {
        traces.finish().await;
    }
}

fn read_settings(given: Given) -> Result<Config, StartError> {
    match Collected::collect(given, variable).build() {
        Ok(config) => Ok(config),
        Err(problems) => {
            telemetry::init_logs(LevelFilter::INFO, None);
            for one in &problems {
                let (setting, problem, action) = (&one.key, &one.problem, &one.action);
                tracing::error!(setting, problem, action, "a setting is wrong");
            }
            Err(StartError::Settings(problems.len()))
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Metrics, and what ends the program in good order.
fn begin() -> CancellationToken {
    telemetry::init_metrics();
    let stop = CancellationToken::new();
    tokio::spawn(wait_for_signal(stop.clone()));
    stop
}

fn check_settings(given: Given) -> ExitCode {
    use std::io::Write as _;
    telemetry::init_logs(LevelFilter::INFO, None);
    let (shown, good) = config::check(given, variable);
    if let Err(error) = writeln!(std::io::stdout().lock(), "{shown:#}") {
        tracing::error!(%error, "the settings could not be printed");
        return ExitCode::FAILURE;
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn verify_token(args: &TokenVerifyArgs) -> ExitCode {
    telemetry::init_logs(LevelFilter::INFO, None);
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
pub(crate) struct Parts {
    /// The rows.
    pub(crate) records: Records,
    objects: Objects,
    engine: Arc<dyn VideoEngine>,
    notify: Arc<Notify>,
    wake: Arc<Notify>,
    kept: KeptDays,
}

impl Parts {
    pub(crate) async fn open(config: &Config) -> Result<Self, StartError> {
        let records = open_records(config).await?;
        let place = config.objects.as_ref();
        let place = place.ok_or(StartError::NotRead("objects"))?;
        let objects = Objects::open(place, Credentials::from_environment).await?;
        let engine = engine(config)?;
        Ok(Self {
            records,
            objects,
            engine,
            notify: Arc::default(),
            wake: Arc::default(),
            kept: KeptDays {
                videos: config.retention_days,
                parked: config.parked_days,
            },
        })
    }

    /// What ends them.
    pub(crate) fn deletions(&self) -> Deletions {
        Deletions {
            records: self.records.clone(),
            objects: self.objects.clone(),
            clock: Arc::new(SystemClock),
            wake: Arc::clone(&self.wake),
        }
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep::new(self.deletions(), self.kept)
    }

    fn detector(&self) -> Detector {
        Detector::new(self.records.clone(), Arc::new(SystemClock), Pace::default())
    }

    fn worker(&self) -> Worker {
        Worker {
            records: self.records.clone(),
            objects: self.objects.clone(),
            engine: Arc::clone(&self.engine),
            clock: Arc::new(SystemClock),
            notify: Arc::clone(&self.notify),
            settings: Settings::default(),
        }
    }
}

/// The records alone, for commands that need neither engine nor files.
pub(crate) async fn open_records(config: &Config) -> Result<Records, StartError> {
    let source = config.master_key.as_ref();
    let source = source.ok_or(StartError::NotRead("master_key_file"))?;
    let keys = KeyRing::new(Masters::open(source)?.shared(), KeyRingLimits::default());
    let store = store::open(config.database_url.as_str()).await?;
    masters::check(store.as_ref(), &keys).await?;
    Ok(Records::new(store, Arc::new(keys)))
}

/// The engines there are: each is one module and one line.
fn engine(config: &Config) -> Result<Arc<dyn VideoEngine>, StartError> {
    Ok(match config.engine {
        EngineName::Local => embedded(config)?,
        EngineName::Golpo => golpo(config)?,
        EngineName::Either => Arc::new(ByKey {
            with: golpo(config)?,
            without: embedded(config)?,
        }),
    })
}

fn embedded(config: &Config) -> Result<Arc<dyn VideoEngine>, StartError> {
    let engine = LocalEngine::new(local(config)).map_err(StartError::Engine)?;
    Ok(Arc::new(engine))
}

fn golpo(config: &Config) -> Result<Arc<dyn VideoEngine>, StartError> {
    let settings = config.golpo.clone();
    let settings = settings.ok_or(StartError::NotRead("engine_url"))?;
    Ok(Arc::new(GolpoEngine::new(settings, Arc::new(Machine))?))
}

fn local(config: &Config) -> engine::local::Config {
    let mut local = engine::local::Config::detect(std::env::var_os("PATH").as_deref());
    match &config.narrator {
        Narrator::Found => {}
        Narrator::Nobody => local.speech = None,
        Narrator::Program(program) => local.speech = Some(program.clone()),
    }
    match &config.pictures {
        Some(pictures) => pictures.onto(local),
        None => local,
    }
}

async fn serve(mut config: Config, stop: CancellationToken) -> Result<(), StartError> {
    let Some(args) = config.serve.take() else {
        return Err(StartError::NotRead("listen"));
    };
    // Before anything is opened or made.
    if !args.protection.allows(args.listen) {
        return Err(TransportError::Unprotected(args.listen).into());
    }
    let parts = Parts::open(&config).await?;
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(TransportError::Listen)?;
    let address = listener.local_addr().map_err(TransportError::Listen)?;
    let app = Arc::new(app(&parts, &args, address)?);
    let (limits, requests) = (args.connections, args.requests);
    let worker = args
        .with_worker
        .then(|| tokio::spawn(parts.worker().run(stop.clone())));
    let fresh = tokio::spawn(keep_fresh(Arc::clone(&app), stop.clone()));
    let upkeep = tokio::spawn(parts.upkeep().run(stop.clone()));
    let detector = tokio::spawn(parts.detector().run(stop.clone()));
    tracing::info!(%address, protection = args.protection.name(), "serving");
    let (router, _) = router_with(app, requests);
    let served = transport::serve(listener, router, &args.protection, limits, stop.clone()).await;
    stop.cancel();
    if let Some(worker) = worker {
        // A panic of the worker has been logged by the hook.
        let _ = worker.await;
    }
    let _ = fresh.await;
    let _ = upkeep.await;
    let _ = detector.await;
    parts.records.store().close().await;
    tracing::info!("stopped");
    Ok(served?)
}

/// What handlers share.
fn app(parts: &Parts, args: &ServeConfig, address: SocketAddr) -> Result<App, StartError> {
    let audiences = args.audiences.clone();
    let public_url = match &args.public_url {
        Some(url) => url.as_str().to_owned(),
        None => format!("http://{address}"),
    };
    Ok(App {
        records: parts.records.clone(),
        objects: parts.objects.clone(),
        deletions: parts.deletions(),
        verifier: Verifier::new(args.jwks_url.clone(), audiences, Arc::new(SystemClock))?,
        engine: Arc::clone(&parts.engine),
        clock: Arc::new(SystemClock),
        notify: Arc::clone(&parts.notify),
        public_url,
        security_txt: args.security_txt.clone(),
        require_api_key: args.require_api_key,
        limits: Limits::new(args.requests_per_second, args.request_burst),
    })
}

/// Keeps the keys of Forge fresh, and forgets quiet tenants' request counts.
async fn keep_fresh(app: Arc<App>, stop: CancellationToken) {
    let tidy = async {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            app.limits.tidy();
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = app.verifier.keep_fresh(Refresh::default()) => {}
        () = tidy => {}
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
