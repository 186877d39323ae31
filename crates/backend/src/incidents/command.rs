//! `incident …`: what an operator does about an incident (P18 to P21). Works while the service runs; what
//! contains is followed by running services within two seconds.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use aws_lc_rs::digest;
use clap::{Args, Subcommand};
use fit::{Clock as _, SystemClock};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::IncidentId;
use super::drafts::{Known, TO_WRITE};
use super::register::{Affected, IncidentError, Register, count};
use super::rows::IncidentRow;
use super::words::{DataKind, Measure, Severity};
use crate::audit::command::{instant, open, print_entry};
use crate::config::settings::{Flags, WORK};
use crate::records::Records;
use crate::serve::StartError;
use crate::vault::hex;

/// What can be done about incidents.
#[derive(Debug, Subcommand)]
pub enum IncidentCommand {
    /// Prints the open incidents, oldest first.
    #[command(after_help = "Examples:\n  \
        golpo-backend incident list --config /etc/golpo/backend.toml\n  \
        golpo-backend incident list --all --json --config /etc/golpo/backend.toml")]
    List(ListArgs),
    /// Prints an incident with what was done about it, from the audit trail.
    #[command(after_help = "Example:\n  \
        golpo-backend incident show 0198c0de-0000-7000-8000-000000000001 --config /etc/golpo/backend.toml")]
    Show(IdArgs),
    /// Opens an incident that no rule has found, and prints its id.
    #[command(after_help = "Examples:\n  \
        golpo-backend incident open --severity high --kind api-key --config /etc/golpo/backend.toml\n  \
        golpo-backend incident open --severity medium --config /etc/golpo/backend.toml")]
    Open(OpenArgs),
    /// Contains an incident, or lifts what contains it. Running services follow within two seconds.
    #[command(after_help = "Examples:\n  \
        golpo-backend incident contain 0198c0de-0000-7000-8000-000000000001 --suspend-tenant TENANT --config backend.toml\n  \
        golpo-backend incident contain 0198c0de-0000-7000-8000-000000000001 --stop-jobs --config backend.toml\n  \
        golpo-backend incident contain 0198c0de-0000-7000-8000-000000000001 --stop-jobs --lift --config backend.toml\n  \
        golpo-backend incident contain 0198c0de-0000-7000-8000-000000000001 --revoke-links --config backend.toml")]
    Contain(ContainArgs),
    /// Prints the tenants touched between two moments, by kind of data.
    ///
    /// Data of a kind is touched when it was written, used or worked on. With --incident the moments are
    /// remembered for its notifications.
    #[command(after_help = "Examples:\n  \
        golpo-backend incident affected --from 2026-11-25T08:00:00Z --to 2026-11-25T09:30:00Z --config backend.toml\n  \
        golpo-backend incident affected --incident 0198c0de-0000-7000-8000-000000000001 --from 2026-11-25T08:00:00Z --to 2026-11-25T09:30:00Z --kind video --config backend.toml")]
    Affected(AffectedArgs),
    /// Writes the drafts for customers and for Atlassian's ECOHELP, with the list of tenants; or notes that
    /// they were sent.
    #[command(after_help = "Examples:\n  \
        golpo-backend incident notify 0198c0de-0000-7000-8000-000000000001 --out drafts --config backend.toml\n  \
        golpo-backend incident notify 0198c0de-0000-7000-8000-000000000001 --sent --config backend.toml")]
    Notify(NotifyArgs),
    /// Writes the beginning of the review, or accepts the review that it became.
    #[command(after_help = "Examples:\n  \
        golpo-backend incident review 0198c0de-0000-7000-8000-000000000001 --out review.md --config backend.toml\n  \
        golpo-backend incident review 0198c0de-0000-7000-8000-000000000001 --accept review.md --config backend.toml")]
    Review(ReviewArgs),
    /// Closes an incident; refused before its review was accepted, and before those were told who must be.
    #[command(after_help = "Example:\n  \
        golpo-backend incident close 0198c0de-0000-7000-8000-000000000001 --config /etc/golpo/backend.toml")]
    Close(IdArgs),
}

/// Arguments of `incident list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Also the closed ones.
    #[arg(long)]
    pub all: bool,
    /// Print each as a line of JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of commands about one incident.
#[derive(Debug, Clone, Args)]
pub struct IdArgs {
    /// The incident's id.
    #[arg(value_name = "ID")]
    pub id: IncidentId,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of `incident open`.
#[derive(Debug, Clone, Args)]
pub struct OpenArgs {
    /// How bad it is: critical, high, medium or low.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub severity: Severity,
    /// A kind of data that may be touched: page-content, video, api-key or settings; may be repeated.
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    pub kinds: Vec<DataKind>,
    /// The tenant that it is about.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of `incident contain`.
#[derive(Debug, Clone, Args)]
pub struct ContainArgs {
    /// The incident's id.
    #[arg(value_name = "ID")]
    pub id: IncidentId,
    /// What contains it.
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// Lift it instead.
    #[arg(long)]
    pub lift: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// One measure.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct MeasureArgs {
    /// Refuse all that a tenant asks for, and make no videos for it.
    #[arg(long, value_name = "TENANT")]
    pub suspend_tenant: Option<String>,
    /// Make no videos; those being made are given back and are made later.
    #[arg(long)]
    pub stop_jobs: bool,
    /// Remove a tenant's API key from the service; its administrator has to enter a new one.
    #[arg(long, value_name = "TENANT")]
    pub revoke_api_key: Option<String>,
    /// Take no API keys and use none.
    #[arg(long)]
    pub refuse_api_keys: bool,
    /// Write nothing: what is there can be looked at and played.
    #[arg(long)]
    pub read_only: bool,
    /// Make the addresses of videos that were given out until now worthless.
    #[arg(long)]
    pub revoke_links: bool,
    /// Refuse all tokens for an app (ari:cloud:ecosystem::app/...).
    #[arg(long, value_name = "ARI")]
    pub block_app: Option<String>,
}

impl MeasureArgs {
    fn measure(&self) -> (Measure, &str) {
        if let Some(tenant) = &self.suspend_tenant {
            return (Measure::Tenant, tenant);
        }
        if let Some(tenant) = &self.revoke_api_key {
            return (Measure::ApiKey, tenant);
        }
        if let Some(app) = &self.block_app {
            return (Measure::App, app);
        }
        let measure = if self.stop_jobs {
            Measure::Jobs
        } else if self.refuse_api_keys {
            Measure::ApiKeys
        } else if self.read_only {
            Measure::Writes
        } else {
            Measure::Links
        };
        (measure, "")
    }
}

/// Arguments of `incident affected`.
#[derive(Debug, Clone, Args)]
pub struct AffectedArgs {
    /// The incident that asks.
    #[arg(long, value_name = "ID")]
    pub incident: Option<IncidentId>,
    /// The first moment: RFC 3339, or Unix seconds.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: i64,
    /// The last moment.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub to: i64,
    /// Only this kind of data: page-content, video, api-key or settings; may be repeated.
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    pub kinds: Vec<DataKind>,
    /// Print each as a line of JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of `incident notify`.
#[derive(Debug, Clone, Args)]
pub struct NotifyArgs {
    /// The incident's id.
    #[arg(value_name = "ID")]
    pub id: IncidentId,
    /// The directory to write customers.md, ecohelp.md and affected.csv to.
    #[arg(long, value_name = "DIRECTORY", required_unless_present = "sent")]
    pub out: Option<PathBuf>,
    /// They were sent.
    #[arg(long, conflicts_with = "out")]
    pub sent: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of `incident review`.
#[derive(Debug, Clone, Args)]
pub struct ReviewArgs {
    /// The incident's id.
    #[arg(value_name = "ID")]
    pub id: IncidentId,
    /// The file to write the beginning to; must not be there yet.
    #[arg(long, value_name = "FILE", required_unless_present = "accept")]
    pub out: Option<PathBuf>,
    /// The finished review. Its hash is kept with the incident.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub accept: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

fn severity(text: &str) -> Result<Severity, &'static str> {
    Severity::parse(text).ok_or("write critical, high, medium or low")
}

fn kind(text: &str) -> Result<DataKind, &'static str> {
    DataKind::parse(text).ok_or("write page-content, video, api-key or settings")
}

fn moment(text: &str) -> Result<i64, &'static str> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| "write a time as 2026-11-25T08:00:00Z, or in Unix seconds")
}

/// Does what was asked and prints it to `printed`; the answer is the exit code.
pub(crate) async fn run(
    command: IncidentCommand,
    printed: &mut impl Write,
) -> Result<ExitCode, StartError> {
    let given = match &command {
        IncidentCommand::List(args) => args.flags.clone(),
        IncidentCommand::Show(args) | IncidentCommand::Close(args) => args.flags.clone(),
        IncidentCommand::Open(args) => args.flags.clone(),
        IncidentCommand::Contain(args) => args.flags.clone(),
        IncidentCommand::Affected(args) => args.flags.clone(),
        IncidentCommand::Notify(args) => args.flags.clone(),
        IncidentCommand::Review(args) => args.flags.clone(),
    };
    let records = open(given.given()).await?;
    let mut out = Vec::new();
    let done = act(&records, command, &mut out).await;
    records.store().close().await;
    printed.write_all(&out)?;
    match done {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(%error, cause, code = error.code(), "refused");
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn act(
    records: &Records,
    command: IncidentCommand,
    out: &mut Vec<u8>,
) -> Result<(), IncidentError> {
    let register = Register(records);
    let now = SystemClock.unix_seconds();
    match command {
        IncidentCommand::List(args) => {
            for row in records.store().incidents(!args.all).await? {
                print_incident(out, &row, args.json)?;
            }
        }
        IncidentCommand::Show(args) => show(&register, &args, out).await?,
        IncidentCommand::Open(args) => {
            let tenant = args.tenant.as_deref();
            let id = register
                .open(args.severity, &args.kinds, tenant, now)
                .await?;
            done(
                out,
                args.json,
                &id.to_string(),
                &json!({ "incident": id.to_string() }),
            )?;
        }
        IncidentCommand::Contain(args) => {
            let (measure, target) = args.measure.measure();
            let word = if args.lift {
                register.lift(args.id, measure, target, now).await?;
                "lifted"
            } else {
                register.contain(args.id, measure, target, now).await?;
                "in force"
            };
            let text = format!(
                "{}: {word}; running services follow within 2 seconds",
                measure.as_str()
            );
            let shown = json!({ "measure": measure.as_str(), "target": target, "state": word });
            done(out, args.json, &text, &shown)?;
        }
        IncidentCommand::Affected(args) => {
            let (from, to) = (args.from, args.to);
            let affected = match args.incident {
                Some(id) => {
                    register
                        .look_for_affected(id, from, to, &args.kinds, now)
                        .await?
                }
                None => register.affected(from, to, &args.kinds).await?,
            };
            for one in &affected {
                print_affected(out, one, args.json)?;
            }
        }
        IncidentCommand::Notify(args) => match &args.out {
            Some(directory) => notify(&register, &args, directory, now, out).await?,
            None => {
                register.sent(args.id, now).await?;
                done(out, args.json, "noted as sent", &json!({ "sent": true }))?;
            }
        },
        IncidentCommand::Review(args) => review(&register, &args, now, out).await?,
        IncidentCommand::Close(args) => {
            register.close(args.id, now).await?;
            done(out, args.json, "closed", &json!({ "closed": true }))?;
        }
    }
    Ok(())
}

fn done(out: &mut Vec<u8>, as_json: bool, text: &str, shown: &Value) -> std::io::Result<()> {
    if as_json {
        writeln!(out, "{shown}")
    } else {
        writeln!(out, "{text}")
    }
}

async fn show(
    register: &Register<'_>,
    args: &IdArgs,
    out: &mut Vec<u8>,
) -> Result<(), IncidentError> {
    let row = register.find(args.id).await?;
    let timeline = register.timeline(args.id).await?;
    let containments = register.0.store().containments_of(&row.id).await?;
    if args.json {
        let measures: Vec<_> = containments
            .iter()
            .map(|one| json!({ "measure": one.kind, "target": one.target, "begun": one.begun_at, "lifted": one.lifted_at }))
            .collect();
        let mut shown = shown(&row);
        shown["containment"] = json!(measures);
        shown["timeline"] = json!(timeline);
        writeln!(out, "{shown}")?;
        return Ok(());
    }
    print_incident(out, &row, false)?;
    for one in &containments {
        let lifted = one.lifted_at.map_or_else(
            || "in force".to_owned(),
            |at| format!("lifted {}", instant(at)),
        );
        writeln!(
            out,
            "  {} {} since {}, {lifted}",
            one.kind,
            one.target,
            instant(one.begun_at)
        )?;
    }
    for entry in &timeline {
        print_entry(out, entry, false)?;
    }
    Ok(())
}

async fn notify(
    register: &Register<'_>,
    args: &NotifyArgs,
    directory: &Path,
    now: i64,
    out: &mut Vec<u8>,
) -> Result<(), IncidentError> {
    let (incident, affected) = register.draft(args.id, now).await?;
    let timeline = register.timeline(args.id).await?;
    let containments = register.0.store().containments_of(&incident.id).await?;
    let known = Known {
        incident: &incident,
        containments: &containments,
        timeline: &timeline,
        affected: &affected,
    };
    std::fs::create_dir_all(directory)?;
    let files = [
        ("customers.md", known.for_customers()),
        ("ecohelp.md", known.for_atlassian()),
        ("affected.csv", known.list()),
    ];
    for (name, text) in &files {
        std::fs::write(directory.join(name), text)?;
    }
    let text = format!(
        "drafts for {} tenants in {}\n{}",
        count(&affected),
        directory.display(),
        known.due()
    );
    let shown = json!({ "tenants": count(&affected), "directory": directory.display().to_string(), "due": known.due() });
    done(out, args.json, &text, &shown)?;
    Ok(())
}

async fn review(
    register: &Register<'_>,
    args: &ReviewArgs,
    now: i64,
    out: &mut Vec<u8>,
) -> Result<(), IncidentError> {
    if let Some(file) = &args.accept {
        let text = std::fs::read_to_string(file)?;
        if !text.contains(&args.id.to_string()) {
            return Err(IncidentError::AnotherReview);
        }
        // The sentence that tells of the words does not count.
        let left = text
            .lines()
            .filter(|line| !line.starts_with("Without blame.") && !line.contains("says TO WRITE"));
        let left: usize = left.map(|line| line.matches(TO_WRITE).count()).sum();
        if left > 0 {
            return Err(IncidentError::Unfinished(left));
        }
        let hash = hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        register.accept_review(args.id, &hash, now).await?;
        let shown = json!({ "accepted": true, "sha256": hash });
        done(out, args.json, &format!("accepted, sha256 {hash}"), &shown)?;
        return Ok(());
    }
    let Some(file) = &args.out else { return Ok(()) };
    register.begin_review(args.id, now).await?;
    let incident = register.find(args.id).await?;
    let timeline = register.timeline(args.id).await?;
    let containments = register.0.store().containments_of(&incident.id).await?;
    let affected = match (incident.affected_from, incident.affected_to) {
        (Some(from), Some(to)) => {
            let kinds = DataKind::parse_all(&incident.kinds);
            register.affected(from, to, &kinds).await?
        }
        _ => Vec::new(),
    };
    let known = Known {
        incident: &incident,
        containments: &containments,
        timeline: &timeline,
        affected: &affected,
    };
    let mut new = std::fs::File::create_new(file)?;
    new.write_all(known.review().as_bytes())?;
    let text = format!("written to {}: fill in what says TO WRITE", file.display());
    done(
        out,
        args.json,
        &text,
        &json!({ "file": file.display().to_string() }),
    )?;
    Ok(())
}

fn shown(row: &IncidentRow) -> Value {
    json!({
        "incident": row.id,
        "cause": row.cause,
        "severity": row.severity,
        "state": state(row),
        "kinds": DataKind::parse_all(&row.kinds).iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "tenant": row.tenant,
        "opened": row.opened_at,
        "lastSignal": row.last_signal_at,
        "affectedFrom": row.affected_from,
        "affectedTo": row.affected_to,
        "contained": row.contained_at,
        "notified": row.notified_at,
        "reviewed": row.reviewed_at,
        "reviewSha256": row.review_hash,
        "closed": row.closed_at,
    })
}

fn state(row: &IncidentRow) -> &'static str {
    match row {
        IncidentRow {
            closed_at: Some(_), ..
        } => "closed",
        IncidentRow {
            reviewed_at: Some(_),
            ..
        } => "reviewed",
        IncidentRow {
            notified_at: Some(_),
            ..
        } => "notified",
        IncidentRow {
            contained_at: Some(_),
            ..
        } => "contained",
        _ => "open",
    }
}

fn print_incident(out: &mut Vec<u8>, row: &IncidentRow, as_json: bool) -> std::io::Result<()> {
    if as_json {
        return writeln!(out, "{}", shown(row));
    }
    let IncidentRow {
        id,
        severity,
        cause,
        opened_at,
        ..
    } = row;
    writeln!(
        out,
        "{id} {severity} {} {cause}, opened {}",
        state(row),
        instant(*opened_at)
    )
}

fn print_affected(out: &mut Vec<u8>, one: &Affected, as_json: bool) -> std::io::Result<()> {
    if as_json {
        return writeln!(out, "{}", serde_json::to_string(one)?);
    }
    let Affected {
        tenant,
        kind,
        amount,
        ..
    } = one;
    writeln!(
        out,
        "{tenant} {kind} {amount}, {} to {}",
        instant(one.first),
        instant(one.last)
    )
}
