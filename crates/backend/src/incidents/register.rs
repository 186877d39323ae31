//! The register of incidents: opened by a rule or by hand, contained, affected tenants looked for, notified,
//! reviewed, closed (P18 to P21). Each act stands in the audit trail, which is the incident's timeline.
//! Must never take a text of anybody's: what happened is told by kinds, ids, numbers and instants.

use std::collections::BTreeMap;

use super::IncidentId;
use super::rows::{AffectedRow, BY_HAND, ContainmentRow, IncidentRow, Moment};
use super::rules::{RULES, Signal};
use super::signals::Firing;
use super::words::{DataKind, Measure, Severity};
use crate::audit::{Act, Entry, Fault, Note, Role};
use crate::records::{Records, RecordsError};
use crate::store::{StoreError, TenantState};

/// Why an act on an incident was refused.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// What is kept could not be kept or found.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// There is no such incident.
    #[error("there is no such incident: `golpo-backend incident list --all` shows them")]
    NotFound,
    /// It was closed.
    #[error("the incident is closed")]
    Closed,
    /// There is no such tenant.
    #[error("there is no such tenant: `golpo-backend tenant list` shows them")]
    NoTenant,
    /// The same is in force already.
    #[error("this is in force already")]
    InForce,
    /// Nothing of the kind is in force.
    #[error("nothing of the kind is in force")]
    NotInForce,
    /// Revoked addresses and keys stay revoked.
    #[error(
        "what was revoked stays so; new addresses are given out and new keys taken all the while"
    )]
    NothingToLift,
    /// The affected were not looked for.
    #[error(
        "the affected were not looked for yet: `golpo-backend incident affected --incident ID --from ... --to ...`"
    )]
    AffectedUnknown,
    /// The end lies before the beginning.
    #[error("--to lies before --from")]
    Backwards,
    /// The review was not accepted.
    #[error("the review was not accepted yet: `golpo-backend incident review ID --accept FILE`")]
    NotReviewed,
    /// The review is not written to its end.
    #[error("the review is not finished: {0} places still say TO WRITE")]
    Unfinished(usize),
    /// It is another incident's review.
    #[error("the review does not name this incident")]
    AnotherReview,
    /// Customers must be told, and were not.
    #[error(
        "customers and Atlassian were not told yet: `golpo-backend incident notify ID --sent`, or a lower severity if nobody is affected"
    )]
    NotNotified,
    /// A file could not be read or written.
    #[error("a file could not be read or written")]
    File(#[from] std::io::Error),
}

impl From<StoreError> for IncidentError {
    fn from(error: StoreError) -> Self {
        Self::Records(error.into())
    }
}

impl IncidentError {
    /// A stable name for logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Records(_) => "incident_records",
            Self::NotFound => "incident_not_found",
            Self::Closed => "incident_closed",
            Self::NoTenant => "incident_no_tenant",
            Self::InForce => "incident_in_force",
            Self::NotInForce => "incident_not_in_force",
            Self::NothingToLift => "incident_nothing_to_lift",
            Self::AffectedUnknown => "incident_affected_unknown",
            Self::Backwards => "incident_backwards",
            Self::NotReviewed => "incident_not_reviewed",
            Self::Unfinished(_) => "incident_review_unfinished",
            Self::AnotherReview => "incident_another_review",
            Self::NotNotified => "incident_not_notified",
            Self::File(_) => "incident_file",
        }
    }
}

/// A tenant with what may have been touched of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Affected {
    /// The tenant's id.
    pub tenant: String,
    /// [`DataKind`]'s word.
    pub kind: &'static str,
    /// How many rows and entries say so.
    pub amount: i64,
    /// The earliest of them, in Unix seconds.
    pub first: i64,
    /// The latest.
    pub last: i64,
}

/// The incidents of a service.
pub struct Register<'a>(pub &'a Records);

impl Register<'_> {
    /// Makes an incident of a rule that fired, or notes that it fired again. The id of a new one.
    pub async fn open_by_rule(
        &self,
        firing: &Firing,
        now: i64,
    ) -> Result<Option<IncidentId>, IncidentError> {
        let rule = &RULES[firing.rule];
        let cause = match &firing.tenant {
            Some(tenant) => format!("{} of {tenant}", rule.name),
            None => rule.name.to_owned(),
        };
        if let Some(open) = self.0.store().open_incident(&cause).await? {
            self.0
                .store()
                .note_moment(&open.id, Moment::Signal, now)
                .await?;
            return Ok(None);
        }
        let tenant = firing.tenant.as_deref();
        self.insert(
            &cause,
            rule.name,
            rule.severity,
            rule.kinds,
            tenant,
            Role::System,
            now,
        )
        .await
    }

    /// Makes an incident of what is wrong with the audit trail, once: what was changed stays so.
    pub async fn open_for_trail(
        &self,
        fault: Fault,
        now: i64,
    ) -> Result<Option<IncidentId>, IncidentError> {
        let Some(rule) = RULES.iter().find(|rule| rule.signal == Signal::TrailBroken) else {
            return Ok(None);
        };
        let place = fault
            .entry()
            .map_or_else(String::new, |entry| format!(" {entry}"));
        let cause = format!("{} {}{place}", rule.name, fault.code());
        let known = self.0.store().incidents(false).await?;
        if known.iter().any(|incident| incident.cause == cause) {
            return Ok(None);
        }
        self.insert(
            &cause,
            rule.name,
            rule.severity,
            rule.kinds,
            None,
            Role::System,
            now,
        )
        .await
    }

    /// Opens an incident for an operator.
    pub async fn open(
        &self,
        severity: Severity,
        kinds: &[DataKind],
        tenant: Option<&str>,
        now: i64,
    ) -> Result<IncidentId, IncidentError> {
        let opened = self
            .insert(
                BY_HAND,
                "by_hand",
                severity,
                kinds,
                tenant,
                Role::Operator,
                now,
            )
            .await?;
        opened.ok_or(IncidentError::InForce)
    }

    #[allow(clippy::too_many_arguments)]
    async fn insert(
        &self,
        cause: &str,
        rule: &'static str,
        severity: Severity,
        kinds: &[DataKind],
        tenant: Option<&str>,
        role: Role,
        now: i64,
    ) -> Result<Option<IncidentId>, IncidentError> {
        let id = IncidentId::generate();
        let row = IncidentRow {
            id: id.to_string(),
            cause: cause.to_owned(),
            severity: severity.as_str().to_owned(),
            kinds: DataKind::join(kinds),
            tenant: tenant.map(str::to_owned),
            opened_at: now,
            last_signal_at: now,
            affected_from: None,
            affected_to: None,
            contained_at: None,
            notified_at: None,
            reviewed_at: None,
            review_hash: None,
            closed_at: None,
        };
        // The row first: of several replicas that see the same, one opens it.
        if !self.0.store().insert_incident(&row).await? {
            return Ok(None);
        }
        let note = Note::new(Act::IncidentOpened, role).for_incident(id);
        self.note(note, tenant, now).await?;
        metrics::counter!("golpo_incidents_opened_total", "rule" => rule).increment(1);
        tracing::error!(incident = %id, rule, severity = severity.as_str(), "an incident was opened");
        Ok(Some(id))
    }

    /// One incident.
    pub async fn find(&self, id: IncidentId) -> Result<IncidentRow, IncidentError> {
        let row = self.0.store().incident(&id.to_string()).await?;
        row.ok_or(IncidentError::NotFound)
    }

    /// One incident that is not closed.
    pub async fn find_open(&self, id: IncidentId) -> Result<IncidentRow, IncidentError> {
        let row = self.find(id).await?;
        match row.closed_at {
            None => Ok(row),
            Some(_) => Err(IncidentError::Closed),
        }
    }

    /// What was done about an incident, in order.
    pub async fn timeline(&self, id: IncidentId) -> Result<Vec<Entry>, IncidentError> {
        Ok(self.0.trail().entries_of(id).await?)
    }

    /// Begins to contain an incident. `target` is the tenant's or the app's id; else empty.
    pub async fn contain(
        &self,
        id: IncidentId,
        measure: Measure,
        target: &str,
        now: i64,
    ) -> Result<(), IncidentError> {
        self.find_open(id).await?;
        let store = self.0.store();
        let tenant = match measure {
            Measure::Tenant | Measure::ApiKey => Some(
                store
                    .registered(target)
                    .await?
                    .ok_or(IncidentError::NoTenant)?,
            ),
            _ => None,
        };
        let note = Note::new(measure.begun(), Role::Operator).for_incident(id);
        self.note(note, tenant.as_ref().map(|_| target), now)
            .await?;
        let row = ContainmentRow {
            id: uuid::Uuid::now_v7().to_string(),
            incident: id.to_string(),
            kind: measure.as_str().to_owned(),
            target: target.to_owned(),
            begun_at: now,
            lifted_at: None,
        };
        let new = store.insert_containment(&row).await?;
        if let Some(tenant) = &tenant {
            if measure == Measure::Tenant {
                store.set_state(tenant, TenantState::Suspended).await?;
                self.0.forget(tenant);
            } else {
                store.delete_api_key(tenant).await?;
            }
        }
        store
            .note_moment(&row.incident, Moment::Contained, now)
            .await?;
        if new {
            Ok(())
        } else {
            Err(IncidentError::InForce)
        }
    }

    /// Lifts what contains an incident.
    pub async fn lift(
        &self,
        id: IncidentId,
        measure: Measure,
        target: &str,
        now: i64,
    ) -> Result<(), IncidentError> {
        self.find(id).await?;
        let act = measure.lifted().ok_or(IncidentError::NothingToLift)?;
        let store = self.0.store();
        let in_force = store.containments_in_force().await?;
        let is_it = |row: &ContainmentRow| row.kind == measure.as_str() && row.target == target;
        if !in_force.iter().any(is_it) {
            return Err(IncidentError::NotInForce);
        }
        let tenant = match measure {
            // One that was deleted meanwhile has nothing to resume.
            Measure::Tenant => store.registered(target).await?,
            _ => None,
        };
        let note = Note::new(act, Role::Operator).for_incident(id);
        self.note(note, tenant.as_ref().map(|_| target), now)
            .await?;
        if let Some(tenant) = &tenant {
            store.set_state(tenant, TenantState::Active).await?;
            self.0.forget(tenant);
        }
        store
            .lift_containment(measure.as_str(), target, now)
            .await?;
        Ok(())
    }

    /// The tenants touched from one moment to another, both included, by kind of data: from the rows that
    /// are there and from the audit trail, which outlives them.
    pub async fn affected(
        &self,
        from: i64,
        to: i64,
        kinds: &[DataKind],
    ) -> Result<Vec<Affected>, IncidentError> {
        if to < from {
            return Err(IncidentError::Backwards);
        }
        let mut rows = self.0.store().affected(from, to).await?;
        for entry in self.0.trail().entries_between(from, to).await? {
            let touched = Act::parse(&entry.act).map(DataKind::touched_by);
            let Some(tenant) = entry.tenant else { continue };
            for kind in touched.unwrap_or_default() {
                rows.push(AffectedRow {
                    tenant: tenant.clone(),
                    kind: kind.as_str().to_owned(),
                    amount: 1,
                    first_at: entry.at,
                    last_at: entry.at,
                });
            }
        }
        let mut all: BTreeMap<(String, DataKind), Affected> = BTreeMap::new();
        for row in rows {
            let kind = DataKind::parse(&row.kind).ok_or(StoreError::Corrupt("kind"))?;
            if !kinds.is_empty() && !kinds.contains(&kind) {
                continue;
            }
            let one = all
                .entry((row.tenant.clone(), kind))
                .or_insert_with(|| Affected {
                    tenant: row.tenant,
                    kind: kind.as_str(),
                    amount: 0,
                    first: row.first_at,
                    last: row.last_at,
                });
            one.amount += row.amount;
            one.first = one.first.min(row.first_at);
            one.last = one.last.max(row.last_at);
        }
        Ok(all.into_values().collect())
    }

    /// Looks for the affected of an incident, and remembers between which moments.
    pub async fn look_for_affected(
        &self,
        id: IncidentId,
        from: i64,
        to: i64,
        kinds: &[DataKind],
        now: i64,
    ) -> Result<Vec<Affected>, IncidentError> {
        self.find_open(id).await?;
        let affected = self.affected(from, to, kinds).await?;
        let note = Note::new(Act::AffectedListed, Role::Operator).for_incident(id);
        self.note(note.times(count(&affected)), None, now).await?;
        let moment = Moment::Affected(from, to);
        self.0
            .store()
            .note_moment(&id.to_string(), moment, now)
            .await?;
        Ok(affected)
    }

    /// What the notifications of an incident are made of; noted in the trail.
    pub async fn draft(
        &self,
        id: IncidentId,
        now: i64,
    ) -> Result<(IncidentRow, Vec<Affected>), IncidentError> {
        let row = self.find_open(id).await?;
        let (Some(from), Some(to)) = (row.affected_from, row.affected_to) else {
            return Err(IncidentError::AffectedUnknown);
        };
        let affected = self
            .affected(from, to, &DataKind::parse_all(&row.kinds))
            .await?;
        let note = Note::new(Act::NotificationsDrafted, Role::Operator).for_incident(id);
        self.note(note.times(count(&affected)), None, now).await?;
        Ok((row, affected))
    }

    /// An operator says that the notifications were sent.
    pub async fn sent(&self, id: IncidentId, now: i64) -> Result<(), IncidentError> {
        self.moment(id, Act::NotificationsSent, Moment::Notified, now)
            .await
    }

    /// Notes that the review's beginning was written.
    pub async fn begin_review(&self, id: IncidentId, now: i64) -> Result<(), IncidentError> {
        self.find_open(id).await?;
        let note = Note::new(Act::ReviewBegun, Role::Operator).for_incident(id);
        self.note(note, None, now).await
    }

    /// Accepts a review of this hash.
    pub async fn accept_review(
        &self,
        id: IncidentId,
        hash: &str,
        now: i64,
    ) -> Result<(), IncidentError> {
        self.moment(id, Act::ReviewAccepted, Moment::Reviewed(hash), now)
            .await
    }

    /// Closes an incident that was reviewed, and of which those were told who must be.
    pub async fn close(&self, id: IncidentId, now: i64) -> Result<(), IncidentError> {
        let row = self.find_open(id).await?;
        if row.reviewed_at.is_none() {
            return Err(IncidentError::NotReviewed);
        }
        let severity = Severity::parse(&row.severity).ok_or(StoreError::Corrupt("severity"))?;
        let somebody = match (row.affected_from, row.affected_to) {
            (Some(from), Some(to)) => {
                let kinds = DataKind::parse_all(&row.kinds);
                !kinds.is_empty() && !self.affected(from, to, &kinds).await?.is_empty()
            }
            _ => false,
        };
        if severity.notify_hours().is_some() && somebody && row.notified_at.is_none() {
            return Err(IncidentError::NotNotified);
        }
        self.moment(id, Act::IncidentClosed, Moment::Closed, now)
            .await
    }

    async fn moment(
        &self,
        id: IncidentId,
        act: Act,
        moment: Moment<'_>,
        now: i64,
    ) -> Result<(), IncidentError> {
        self.find_open(id).await?;
        let note = Note::new(act, Role::Operator).for_incident(id);
        self.note(note, None, now).await?;
        if self
            .0
            .store()
            .note_moment(&id.to_string(), moment, now)
            .await?
        {
            Ok(())
        } else {
            Err(IncidentError::Closed)
        }
    }

    async fn note(
        &self,
        note: Note<'_>,
        tenant: Option<&str>,
        now: i64,
    ) -> Result<(), IncidentError> {
        let note = match tenant {
            Some(tenant) => note.of_id(tenant),
            None => note,
        };
        self.0.trail().append(note, now).await?;
        Ok(())
    }
}

/// How many tenants there are in a list.
pub fn count(affected: &[Affected]) -> i64 {
    let tenants: std::collections::BTreeSet<_> = affected.iter().map(|one| &one.tenant).collect();
    i64::try_from(tenants.len()).unwrap_or(i64::MAX)
}
