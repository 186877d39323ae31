//! The command line. What a command may be told stands in [`crate::config::settings`]: the same
//! list makes flags, variables and the file's keys. Secrets have no flag, since a process's
//! arguments can be read by others.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

use protocol::VideoId;

use crate::audit::command::AuditCommand;
use crate::config::settings::{DATABASE, Flags, SERVE, WORK};
use crate::incidents::command::IncidentCommand;

/// How settings and answers go, below every help.
const AFTER: &str = "Settings come from flags, the environment (GOLPO_...) and the TOML file of --config; a flag \
goes before the\nenvironment, the environment before the file. Logs are JSON lines on standard error.\n\n\
Exit codes: 0 done, or a good answer; 1 failed, or a bad answer; 2 wrong usage.";

/// The backend of Golpo AI for Confluence.
#[derive(Debug, Parser)]
#[command(name = "golpo-backend", version, after_help = AFTER)]
pub struct Cli {
    /// What to be.
    #[command(subcommand)]
    pub command: Command,
}

/// The roles of the one program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answers requests, and makes videos unless told not to.
    ///
    /// Plain HTTP on a loopback address, TLS 1.2 and 1.3 with a certificate, or plain HTTP behind a
    /// proxy that speaks TLS. SIGTERM ends it in good order, SIGHUP reads the certificate again.
    #[command(after_help = "Examples:\n  \
        golpo-backend serve --audience ari:cloud:ecosystem::app/APP --master-key-file master.key --create-master-key\n  \
        golpo-backend serve --config /etc/golpo/backend.toml --with-worker=false\n  \
        golpo-backend serve --config backend.toml --listen 0.0.0.0:8443 --tls-certificate chain.pem --tls-key key.pem")]
    Serve(ServeArgs),
    /// Makes videos only; any number of these may run beside `serve --with-worker=false`.
    #[command(after_help = "Examples:\n  \
        golpo-backend worker --config /etc/golpo/backend.toml\n  \
        GOLPO_DATABASE_URL=postgres://golpo@localhost/golpo golpo-backend worker --master-key-file master.key")]
    Worker(WorkArgs),
    /// Brings the database's schema up to date and ends.
    #[command(after_help = "Examples:\n  \
        golpo-backend migrate --database-url sqlite:///var/lib/golpo/golpo.db\n  \
        golpo-backend migrate --config /etc/golpo/backend.toml")]
    Migrate(DatabaseArgs),
    /// Looks at tenants, and suspends, exports or deletes one. Works while the service runs.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Looks at jobs, and requeues or cancels one. Works while the service runs.
    #[command(subcommand)]
    Job(JobCommand),
    /// Changes the master key, and wraps the tenants' keys anew. Works while the service runs.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Looks at the audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Looks at incidents, and contains, tells, reviews and closes one. Works while the service runs.
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Looks at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Looks at a Forge Invocation Token.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Asks the service of the same settings on this machine whether it lives, for containers.
    #[command(
        after_help = "Ends with 0 when it answers, with 1 when it does not.\n\nExample:\n  \
        golpo-backend healthcheck --config /etc/golpo/backend.toml"
    )]
    Healthcheck(ServeArgs),
}

/// What can be asked of the settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Prints every setting of `serve` as JSON with where its value comes from, and all that is wrong.
    ///
    /// A secret is only said to be set or not. Ends with 0 when nothing is wrong, else with 1 and
    /// each problem with its setting and what to do. Nothing is connected to, made or changed.
    #[command(after_help = "Examples:\n  \
        golpo-backend config check --config /etc/golpo/backend.toml\n  \
        golpo-backend config check --config backend.toml --listen 0.0.0.0:8443")]
    Check(ServeArgs),
}

/// What can be done with a tenant. A tenant's id stands in `tenant list` and in logs.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Prints each tenant with its state as a line of JSON.
    #[command(
        after_help = "Example:\n  golpo-backend tenant list --config /etc/golpo/backend.toml"
    )]
    List(DatabaseArgs),
    /// Refuses all that a tenant asks for, and makes no videos for it, until it is resumed (P19).
    ///
    /// Nothing is deleted. A running service follows within seconds.
    #[command(
        after_help = "Example:\n  golpo-backend tenant suspend TENANT --config /etc/golpo/backend.toml"
    )]
    Suspend(TenantArgs),
    /// Lets a suspended tenant go on.
    #[command(
        after_help = "Example:\n  golpo-backend tenant resume TENANT --config /etc/golpo/backend.toml"
    )]
    Resume(TenantArgs),
    /// Deletes everything of a tenant, its key last, and prints the signed receipt (P22).
    #[command(
        after_help = "There is no way back.\n\nExample:\n  golpo-backend tenant delete TENANT --config /etc/golpo/backend.toml"
    )]
    Delete(TenantArgs),
    /// Prints what is kept of a tenant as lines of JSON: the site, then each video.
    ///
    /// Titles and chapters are in clear, the API key is not in it. Files of videos are not in it.
    #[command(
        after_help = "Example:\n  golpo-backend tenant export TENANT --config /etc/golpo/backend.toml"
    )]
    Export(TenantArgs),
}

/// What can be done with jobs.
#[derive(Debug, Subcommand)]
pub enum JobCommand {
    /// Prints each job as a line of JSON: waiting, running, or parked after its last try.
    #[command(after_help = "Examples:\n  \
        golpo-backend job list --config /etc/golpo/backend.toml\n  \
        golpo-backend job list --parked --config /etc/golpo/backend.toml")]
    List(JobListArgs),
    /// Lets a parked job run again, with all its tries. Ends with 1 where the video has none.
    #[command(after_help = "Example:\n  \
        golpo-backend job requeue 0198c0de-0000-7000-8000-000000000001 --config /etc/golpo/backend.toml")]
    Requeue(JobArgs),
    /// Ends a job and erases its script; its video fails as cancelled. Ends with 1 where there is none.
    #[command(after_help = "Example:\n  \
        golpo-backend job cancel 0198c0de-0000-7000-8000-000000000001 --config /etc/golpo/backend.toml")]
    Cancel(JobArgs),
}

/// What can be done with the master key.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Appends a new master key to the key file and wraps every data key under it (P7, P19).
    ///
    /// Nothing that is sealed is touched, and running services follow by themselves. The former key
    /// stays in the file until `key retire`.
    #[command(after_help = "Examples:\n  \
        golpo-backend key rotate --config /etc/golpo/backend.toml\n  \
        golpo-backend key rotate --no-new-key --config /etc/golpo/backend.toml")]
    Rotate(KeyRotateArgs),
    /// Drops the former master keys from the key file, if they wrap nothing any more.
    ///
    /// A copy of them is of no use from then on.
    #[command(after_help = "Example:\n  golpo-backend key retire --config /etc/golpo/backend.toml")]
    Retire(WorkArgs),
}

/// Arguments of `key rotate`.
#[derive(Debug, Clone, Args)]
pub struct KeyRotateArgs {
    /// Wrap under the current master key without making a new one: after one was added by hand, or
    /// to go on with a rotation that was interrupted.
    #[arg(long)]
    pub no_new_key: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of commands about one tenant.
#[derive(Debug, Clone, Args)]
pub struct TenantArgs {
    /// The tenant's id.
    #[arg(value_name = "TENANT")]
    pub tenant: String,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of `job list`.
#[derive(Debug, Clone, Args)]
pub struct JobListArgs {
    /// Only those that wait for an operator.
    #[arg(long)]
    pub parked: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<DATABASE>,
}

/// Arguments of commands about one job.
#[derive(Debug, Clone, Args)]
pub struct JobArgs {
    /// The id of the video that the job is to make.
    #[arg(value_name = "VIDEO")]
    pub video: VideoId,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of commands that need the database alone.
#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<DATABASE>,
}

/// Arguments of commands that open what jobs need.
#[derive(Debug, Clone, Args)]
pub struct WorkArgs {
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of the HTTP service.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<SERVE>,
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

/// The engines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineName {
    /// The embedded renderer.
    Local,
    /// Golpo, for every tenant.
    Golpo,
    /// Golpo for tenants with an API key, the embedded renderer for the others.
    Either,
}

impl FromStr for EngineName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "local" => Ok(Self::Local),
            "golpo" => Ok(Self::Golpo),
            "either" => Ok(Self::Either),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_has_examples_that_parse() {
        let command = Cli::command();
        command.clone().debug_assert();
        assert!(
            command
                .clone()
                .render_long_help()
                .to_string()
                .contains("Exit codes: 0")
        );
        let mut checked = 0;
        let mut open = vec![(Vec::new(), command)];
        while let Some((path, command)) = open.pop() {
            let mut below = command.get_subcommands().peekable();
            if below.peek().is_none() {
                let help = command.clone().render_long_help().to_string();
                let examples = help
                    .lines()
                    .filter_map(|line| line.split("golpo-backend ").nth(1));
                let examples: Vec<_> = examples.filter(|line| line.contains("--")).collect();
                assert!(help.contains("Example"), "{path:?}:\n{help}");
                assert!(!examples.is_empty(), "{path:?} has no example:\n{help}");
                for example in examples {
                    let words = example.split(" <").next().unwrap_or_default();
                    let words = ["golpo-backend"]
                        .into_iter()
                        .chain(words.split_whitespace());
                    let parsed = Cli::try_parse_from(words);
                    assert!(parsed.is_ok(), "{example}: {parsed:?}");
                    checked += 1;
                }
            }
            for sub in below {
                let path = [path.as_slice(), &[sub.get_name().to_owned()]].concat();
                open.push((path, sub.clone()));
            }
        }
        assert!(checked >= 8, "{checked}");
    }
}
