//! `audit verify|list`: what an operator or a reviewer asks of the trail. Reads only; works while the
//! service runs.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Anchor, Entry, Verdict};
use crate::config::Given;
use crate::config::settings::{Flags, WORK};
use crate::incidents::IncidentId;
use crate::records::Records;
use crate::serve::{StartError, open_records, settings};

/// What can be asked of the audit trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Verifies every entry and the end of the trail, and says the first that is bad.
    ///
    /// Ends with 0 when all are good and 1 when one is not. Keep the anchor that it prints outside of the
    /// database: given as --since, it also shows a trail that was set back as a whole.
    #[command(after_help = "Examples:\n  \
        golpo-backend audit verify --config /etc/golpo/backend.toml\n  \
        golpo-backend audit verify --json --config /etc/golpo/backend.toml")]
    Verify(VerifyArgs),
    /// Prints the entries, oldest first.
    #[command(after_help = "Examples:\n  \
        golpo-backend audit list --config /etc/golpo/backend.toml\n  \
        golpo-backend audit list --json --after 100 --limit 50 --config /etc/golpo/backend.toml")]
    List(ListArgs),
}

/// Arguments of `audit verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// An anchor that an earlier look printed; the entries up to it must still be there.
    #[arg(long, value_name = "ENTRIES:MAC")]
    pub since: Option<Anchor>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Arguments of `audit list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Only entries after this number.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub after: i64,
    /// At most so many.
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    pub limit: i64,
    /// Only entries of this incident.
    #[arg(long, value_name = "ID", conflicts_with_all = ["after", "limit"])]
    pub incident: Option<IncidentId>,
    /// Print each as a line of JSON.
    #[arg(long)]
    pub json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags<WORK>,
}

/// Does what was asked and prints it to `out`; the answer is the exit code.
pub(crate) async fn run(
    command: AuditCommand,
    out: &mut impl Write,
) -> Result<ExitCode, StartError> {
    match command {
        AuditCommand::Verify(args) => {
            let records = open(args.flags.given()).await?;
            let trail = records.trail();
            // From the first entry on also where an anchor is given: what lies before it can be bad too.
            let mut verdict = trail.verify().await?;
            if let (None, Some(anchor)) = (verdict.fault, &args.since) {
                verdict = trail.verify_after(anchor).await?;
            }
            records.store().close().await;
            print_verdict(out, &verdict, args.json)?;
            Ok(ExitCode::from(u8::from(verdict.fault.is_some())))
        }
        AuditCommand::List(args) => {
            let records = open(args.flags.given()).await?;
            let trail = records.trail();
            let entries = match args.incident {
                Some(incident) => trail.entries_of(incident).await?,
                None => trail.entries(args.after, args.limit).await?,
            };
            records.store().close().await;
            for entry in &entries {
                print_entry(out, entry, args.json)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The records alone: neither engine nor files.
pub(crate) async fn open(given: Given) -> Result<Records, StartError> {
    open_records(&settings(given)?).await
}

fn print_verdict(out: &mut impl Write, verdict: &Verdict, as_json: bool) -> std::io::Result<()> {
    let Verdict { anchor, fault } = verdict;
    if as_json {
        let fault = fault.map(|fault| {
            json!({ "code": fault.code(), "entry": fault.entry(), "message": fault.to_string() })
        });
        let entries = anchor.entries;
        let anchor = anchor.to_string();
        let shown = json!({ "good": fault.is_none(), "entries": entries, "anchor": anchor, "fault": fault });
        return writeln!(out, "{shown}");
    }
    match fault {
        None => writeln!(out, "good: {} entries\nanchor {anchor}", anchor.entries),
        Some(fault) => writeln!(out, "bad: {fault} ({})", fault.code()),
    }
}

/// One line: number, time, act, role, and what it is about.
pub(crate) fn print_entry(
    out: &mut impl Write,
    entry: &Entry,
    as_json: bool,
) -> std::io::Result<()> {
    if as_json {
        return writeln!(out, "{}", serde_json::to_string(entry)?);
    }
    let Entry {
        number, act, role, ..
    } = entry;
    write!(out, "{number} {} {act} by {role}", instant(entry.at))?;
    if entry.amount != 1 {
        write!(out, " {} times", entry.amount)?;
    }
    if let Some(tenant) = &entry.tenant {
        write!(out, " tenant {tenant}")?;
    }
    if let Some(incident) = &entry.incident {
        write!(out, " incident {incident}")?;
    }
    writeln!(out)
}

/// An instant as RFC 3339 writes it.
pub(crate) fn instant(unix_seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix_seconds)
        .ok()
        .and_then(|instant| instant.format(&Rfc3339).ok())
        .unwrap_or_else(|| unix_seconds.to_string())
}
