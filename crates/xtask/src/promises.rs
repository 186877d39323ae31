//! The promises P1 to P23: what is promised, how it is kept, where the code is, and what is still
//! missing of those that are not yet kept. `cargo xtask controls` puts the tests and their results
//! beside it. A promise may be called kept only when nothing of it is missing: what is called kept
//! and has no passing test fails the checks.

/// One promise.
pub struct Promise {
    pub number: u8,
    /// What is promised.
    pub promise: &'static str,
    /// How it is kept, for a customer's security team.
    pub how: &'static str,
    /// The files and folders that keep it.
    pub code: &'static [&'static str],
    /// What is missing; nothing when it is kept.
    pub missing: Option<&'static str>,
}

/// All, by number.
pub const PROMISES: &[Promise] = &[
    Promise {
        number: 1,
        promise: "The app runs in Forge's sandbox, and every host it talks to is declared in manifest.yml.",
        how: "The manifest names one remote, our backend, and Forge refuses every other host. Tests read the \
              manifest, search the sources for other hosts, and watch a whole run.",
        code: &["manifest.yml", "src-js-shim"],
        missing: None,
    },
    Promise {
        number: 2,
        promise: "Each request to the backend carries a Forge Invocation Token, verified before anything else; \
                  the tenant comes from it alone.",
        how: "One extractor verifies signature (RS256 alone), issuer, audience and times against Forge's published \
              keys; only it makes the type that every other part takes for a tenant.",
        code: &["crates/fit", "crates/backend/src/request.rs"],
        missing: None,
    },
    Promise {
        number: 3,
        promise: "Least privilege: each scope is used by a named call, each call has its scope, and a missing \
                  scope is named at run time.",
        how: "The list of calls with their scopes stands in the code; a test compares it with the manifest both \
              ways, and the app looks at the granted scopes before it calls.",
        code: &["crates/app/src/scope.rs", "manifest.yml"],
        missing: None,
    },
    Promise {
        number: 4,
        promise: "Configuration is for site administrators, on the server's word.",
        how: "The resolver asks Confluence on each call whether the user is an administrator; what the browser \
              says counts for nothing.",
        code: &["crates/app/src/admin.rs"],
        missing: None,
    },
    Promise {
        number: 5,
        promise: "Tenants are isolated by type and by row-level security.",
        how: "Every method of the store takes a tenant, which only a verified token, a job's lease or the \
              operator's list makes; what is another's does not exist for the caller. In PostgreSQL, forced \
              row-level security is the second wall, and the service refuses a role that it does not bind.",
        code: &[
            "crates/backend/src/store",
            "crates/backend/migrations/postgres",
            "crates/fit",
        ],
        missing: None,
    },
    Promise {
        number: 6,
        promise: "TLS 1.2 or higher everywhere, HSTS of a year or more.",
        how: "The listener speaks TLS 1.2 and 1.3 and nothing older, with HSTS of two years; plain HTTP is for \
              loopback or behind a proxy alone; what the backend itself calls, it calls by https, and databases \
              on other machines by TLS.",
        code: &["crates/backend/src/transport"],
        missing: None,
    },
    Promise {
        number: 7,
        promise: "Encrypted at rest: objects, page content and secrets, with keys wrapped by a KMS.",
        how: "Page content and API keys are sealed with AES-256-GCM under the tenant's own data key before they \
              reach the database, bound to tenant, field and record; a changed byte or another place refuses \
              to open. The data key lies in the database only wrapped by a master key that does not: in AWS \
              KMS, bound to its tenant, or in a file of its owner's. Videos in S3 are under SSE-S3 or SSE-KMS; \
              a bucket that does not encrypt as configured, or that anybody may read, is refused at start. On \
              a local disk, the disk's own encryption is the operator's. One command wraps the data keys under \
              another master key while the service runs. A script is erased when its job ends, and after a week \
              at most where an operator was waited for.",
        code: &[
            "crates/backend/src/vault",
            "crates/backend/src/objects",
            "crates/backend/src/masters.rs",
            "crates/backend/src/upkeep.rs",
        ],
        missing: None,
    },
    Promise {
        number: 8,
        promise: "No Atlassian account IDs or user identities are stored.",
        how: "The resolver never reads who asked; the token's principal ends in the verifier. Tests search \
              database, logs, metrics and Forge's storage for planted identities.",
        code: &["crates/fit", "crates/app", "crates/redaction"],
        missing: None,
    },
    Promise {
        number: 9,
        promise: "Contributor names are not in the content sent, and the user sees each removal before sending.",
        how: "A script is made only from a document that people were taken out of; the type does not allow \
              another. The preview shows what was removed, and the script is cleaned again when it comes back.",
        code: &["crates/content", "crates/app/src/operations/preview.rs"],
        missing: None,
    },
    Promise {
        number: 10,
        promise: "The admin enters the Golpo API key; it authenticates the site and meters usage.",
        how: "A site without a key is refused where one is needed. Each finished video is charged once, by month, \
              space and engine and by no person, and an administrator's monthly allowance holds back what is \
              beyond it.",
        code: &[
            "crates/app/src/operations/api_key.rs",
            "crates/backend/src/routes/api_key.rs",
            "crates/backend/src/routes/limits.rs",
        ],
        missing: Some("The allowance in the app's settings."),
    },
    Promise {
        number: 11,
        promise: "The key is kept in Forge's secret storage and in the encrypted database; never in source, \
                  client code or any answer.",
        how: "The key's type can be neither printed nor serialised; callers get a keyed fingerprint of a few \
              characters and a date.",
        code: &[
            "crates/protocol/src/api_key.rs",
            "crates/backend/src/vault",
            "crates/backend/src/routes/api_key.rs",
        ],
        missing: None,
    },
    Promise {
        number: 12,
        promise: "Atlassian passwords and tokens are never collected or stored.",
        how: "The manifest asks for no OAuth token beside the invocation token, and the backend reads no header \
              that could carry one.",
        code: &["manifest.yml", "crates/fit"],
        missing: None,
    },
    Promise {
        number: 13,
        promise: "Secrets and the key never reach a log.",
        how: "There is one way to log in each program, and it redacts; secrets have types that print nothing; a \
              test fails on any other way to print.",
        code: &[
            "crates/redaction",
            "crates/backend/src/telemetry.rs",
            "crates/app/src/host.rs",
        ],
        missing: None,
    },
    Promise {
        number: 14,
        promise: "Health and errors are monitored; no prompt, page text, secret or personal data is logged.",
        how: "Health, metrics and traces have labels and attributes from closed lists, with a dashboard and alert \
              rules; the app reports its failures by code. Content has types whose text is redacted, and \
              whatever is logged is redacted once more.",
        code: &[
            "crates/redaction",
            "crates/backend/src/telemetry.rs",
            "crates/backend/src/telemetry",
            "crates/backend/src/routes/health.rs",
            "crates/backend/deploy/monitoring",
        ],
        missing: None,
    },
    Promise {
        number: 15,
        promise: "Changes are reviewed and dependencies scanned before release; nothing ships with a known \
                  critical or high vulnerability.",
        how: "`cargo xtask audit` checks advisories, licences, bans and sources, records findings, fails on a \
              known critical or high in shipped code and writes a CycloneDX SBOM of each program; the release \
              checklist demands the review.",
        code: &[
            "crates/xtask/src/audit.rs",
            "deny.toml",
            "docs/release-checklist.md",
        ],
        missing: None,
    },
    Promise {
        number: 16,
        promise: "Reports reach us: SECURITY.md and /.well-known/security.txt.",
        how: "SECURITY.md says how to report, what we do and in which times; the backend serves security.txt \
              (RFC 9116) with the same address and a day of expiry that is counted anew.",
        code: &["SECURITY.md", "crates/backend/src/routes/security_txt.rs"],
        missing: None,
    },
    Promise {
        number: 17,
        promise: "Each vulnerability is recorded, scored with CVSS and due: critical in 10 days, high in 4 weeks, \
                  medium in 12, low in 25.",
        how: "The register in the repository computes severity and due day from vector and moments and refuses \
              an entry whose day was moved by hand; `cargo xtask vulnerability due` fails on what is overdue.",
        code: &["crates/xtask/src/register.rs", "docs/vulnerabilities.json"],
        missing: None,
    },
    Promise {
        number: 18,
        promise: "Detection and triage: security signals become incidents with a severity.",
        how: "A table of rules counts refused tokens, attempts at another site's videos, values that do not \
              decrypt, log lines that had to be masked, refused and removed keys, exports and changes of the \
              audit trail, in bounded windows; one that fires opens an incident, once. The audit trail is a \
              chain of MACs under a key that the database holds only wrapped, with a sealed end: whatever is \
              changed, taken away, moved or cut off is found by `golpo-backend audit verify` and by the service.",
        code: &["crates/backend/src/incidents", "crates/backend/src/audit"],
        missing: None,
    },
    Promise {
        number: 19,
        promise: "Containment: one command each to suspend a tenant, revoke a key, stop an engine, rotate the \
                  master key.",
        how: "`golpo-backend incident contain` suspends a site, stops the making of videos, removes a site's API \
              key, refuses API keys, writes or an app, or revokes all addresses of videos; `golpo-backend key rotate` changes the master \
              key. Running services follow within two seconds, and each measure and its lifting stand in the \
              audit trail.",
        code: &[
            "crates/backend/src/incidents",
            "crates/backend/src/operator.rs",
        ],
        missing: None,
    },
    Promise {
        number: 20,
        promise: "Notification: the affected tenants come from the audit trail; drafts for customers and for \
                  Atlassian are written from templates.",
        how: "`golpo-backend incident affected` gives the sites touched between two moments by kind of data, \
              from the rows that are there and from the audit trail, which outlives them; `incident notify` \
              writes both drafts and the list. What one customer is told names no other.",
        code: &[
            "crates/backend/src/incidents",
            "crates/backend/src/incidents/templates",
        ],
        missing: None,
    },
    Promise {
        number: 21,
        promise: "Post-incident review: a report with timeline, cause and actions.",
        how: "`golpo-backend incident review` begins the report with the timeline of the audit trail and takes the \
              finished one by its hash; an incident cannot be closed without it.",
        code: &[
            "crates/backend/src/incidents/register.rs",
            "crates/backend/src/incidents/templates/review.md",
        ],
        missing: None,
    },
    Promise {
        number: 22,
        promise: "Data can be deleted on request: one video, one page, one tenant; a receipt is given.",
        how: "A deletion is noted before anything is deleted, so that one that was interrupted is ended. It \
              removes rows, jobs, files and kept answers, also while a video is being made, and of a tenant the \
              data key last; then it is looked for, and a signed receipt says so.",
        code: &[
            "crates/backend/src/deletion.rs",
            "crates/backend/src/receipts.rs",
            "crates/backend/src/routes/deletions.rs",
        ],
        missing: None,
    },
    Promise {
        number: 23,
        promise: "Uninstall and a retention period end in the same deletion.",
        how: "An uninstall is told to the backend, and told again until it is taken; videos are kept for 90 days, \
              or as long as the operator or the site's administrator says. Both end in the deletion that a \
              request makes, without anyone remembering it.",
        code: &[
            "crates/app/src/uninstall.rs",
            "crates/backend/src/deletion.rs",
            "crates/backend/src/upkeep.rs",
        ],
        missing: None,
    },
];
