-- Incidents and what contains them (P18 to P21). Words of closed lists, tenants' ids, numbers and instants
-- (Unix seconds): nothing names a person (P8), nothing is content. What was done about an incident, and
-- when, stands in the audit trail.

CREATE TABLE incidents (
    id             TEXT PRIMARY KEY NOT NULL,  -- UUID v7, so that its order is the order of opening
    cause          TEXT NOT NULL,              -- the rule, with the tenant where it is about one; or `by hand`
    severity       TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    kinds          TEXT NOT NULL,              -- the kinds of data that may be touched, parted by commas
    tenant         TEXT,
    opened_at      INTEGER NOT NULL,
    last_signal_at INTEGER NOT NULL,
    affected_from  INTEGER,                    -- between which moments the affected were last looked for
    affected_to    INTEGER,
    contained_at   INTEGER,
    notified_at    INTEGER,
    reviewed_at    INTEGER,
    review_hash    TEXT,                       -- SHA-256 of the accepted review
    closed_at      INTEGER
) STRICT;

-- A rule that fires again while its incident is open opens no second one.
CREATE UNIQUE INDEX incidents_open ON incidents (cause) WHERE closed_at IS NULL AND cause <> 'by hand';

CREATE TABLE containments (
    id        TEXT PRIMARY KEY NOT NULL,
    incident  TEXT NOT NULL REFERENCES incidents (id),
    kind      TEXT NOT NULL CHECK (kind IN ('tenant', 'jobs', 'api_key', 'api_keys', 'writes', 'links', 'app')),
    target    TEXT NOT NULL,                   -- the tenant's or the app's id; else empty
    begun_at  INTEGER NOT NULL,
    lifted_at INTEGER
) STRICT;

CREATE UNIQUE INDEX containments_in_force ON containments (kind, target)
    WHERE lifted_at IS NULL AND kind NOT IN ('links', 'api_key');
CREATE INDEX containments_of_incident ON containments (incident);
