//! The command line. Every flag has an environment variable; secrets have no flag, since a
//! process's arguments can be read by others.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use fit::JwksUrl;
use tracing::level_filters::LevelFilter;

/// The backend of Golpo AI for Confluence.
#[derive(Debug, Parser)]
#[command(
    name = "golpo-backend",
    version,
    after_help = "Logs are JSON lines on standard error."
)]
pub struct Cli {
    /// What to be.
    #[command(subcommand)]
    pub command: Command,
    /// The least severe level that is logged: off, error, warn, info, debug, trace.
    #[arg(long, env = "GOLPO_LOG", default_value = "info", global = true)]
    pub log: LevelFilter,
}

/// The roles of the one program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answers requests, and makes videos unless told not to.
    Serve(ServeArgs),
    /// Makes videos only.
    Worker(WorkerArgs),
    /// Brings the database's schema up to date and ends.
    Migrate(DatabaseArgs),
    /// Looks at a Forge Invocation Token.
    #[command(subcommand)]
    Token(TokenCommand),
}

/// What can be asked of a token.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Reads a token from standard input and prints its tenant as JSON, or why it is refused.
    ///
    /// Ends with 0 when the token is good, with 1 and the error's code (docs/errors.md) when it is
    /// refused, with 2 when it could not be looked at. Nothing is fetched: the keys come from a file.
    #[command(after_help = "Examples:\n  \
        golpo-backend token verify --jwks jwks.json --audience ari:cloud:ecosystem::app/APP < token.txt\n  \
        golpo-backend token verify --jwks jwks.json --audience ari:cloud:ecosystem::app/APP --at 1764028800 < token.txt")]
    Verify(TokenVerifyArgs),
}

/// Arguments of `token verify`.
#[derive(Debug, Clone, Args)]
pub struct TokenVerifyArgs {
    /// A file with the key set (RFC 7517).
    #[arg(long, value_name = "FILE")]
    pub jwks: PathBuf,
    /// The id of the app that the token must be for (ari:cloud:ecosystem::app/…); may be repeated.
    #[arg(
        long = "audience",
        env = "GOLPO_AUDIENCE",
        value_name = "ARI",
        value_delimiter = ',',
        required = true
    )]
    pub audiences: Vec<String>,
    /// The time to verify at, in seconds since 1970; now when left out.
    #[arg(long, value_name = "UNIX_SECONDS", allow_negative_numbers = true)]
    pub at: Option<i64>,
}

/// Where the database is.
#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// The database, as a sqlite:// address.
    #[arg(long, env = "GOLPO_DATABASE_URL", default_value = "sqlite://golpo.db")]
    pub database_url: String,
}

/// What serving and making videos both need. The master key may also be in the environment as
/// `GOLPO_MASTER_KEY` (base64 of 32 bytes).
#[derive(Debug, Clone, Args)]
pub struct CommonArgs {
    /// The database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// The directory of finished videos.
    #[arg(long, env = "GOLPO_OBJECTS", default_value = "golpo-objects")]
    pub objects: PathBuf,
    /// A file with the master key: base64 of 32 bytes. Without it, GOLPO_MASTER_KEY is read.
    #[arg(long, env = "GOLPO_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Make the master key file, readable by its owner alone, if it is missing.
    #[arg(long, env = "GOLPO_CREATE_MASTER_KEY", requires = "master_key_file")]
    pub create_master_key: bool,
    /// The engine that makes videos.
    #[arg(long, env = "GOLPO_ENGINE", value_enum, default_value_t = EngineName::Local)]
    pub engine: EngineName,
}

/// The engines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// The embedded renderer.
    Local,
}

/// Arguments of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// What both need.
    #[command(flatten)]
    pub common: CommonArgs,
    /// The address to listen at; port 0 takes any free one.
    #[arg(long, env = "GOLPO_LISTEN", default_value = "127.0.0.1:8772")]
    pub listen: SocketAddr,
    /// The address that browsers reach this service at; http and the listen address when left out.
    #[arg(long, env = "GOLPO_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Where Forge publishes its keys: https, or http on a loopback address.
    #[arg(
        long,
        env = "GOLPO_JWKS_URL",
        default_value = "https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json"
    )]
    pub jwks_url: JwksUrl,
    /// The id of the app whose tokens are accepted (ari:cloud:ecosystem::app/…); may be repeated.
    #[arg(
        long = "audience",
        env = "GOLPO_AUDIENCE",
        value_delimiter = ',',
        required = true
    )]
    pub audiences: Vec<String>,
    /// Make videos only for sites with an API key, even where the engine needs none.
    #[arg(long, env = "GOLPO_REQUIRE_API_KEY")]
    pub require_api_key: bool,
    /// Leave the making of videos to `golpo-backend worker`.
    #[arg(long, env = "GOLPO_NO_WORKER")]
    pub no_worker: bool,
}

/// Arguments of `worker`.
#[derive(Debug, Clone, Args)]
pub struct WorkerArgs {
    /// What both need.
    #[command(flatten)]
    pub common: CommonArgs,
}
