-- The audit trail (P18, P20): security-relevant acts, each bound to the one before it by a MAC whose key
-- is not in this database. Only ever added to. Words of closed lists, tenants' ids, numbers and instants
-- (Unix seconds): nothing names a person (P8), nothing is content.
--
-- The trail looks over tenants and outlives them, as receipts do; so its tenants need no row.

CREATE TABLE audit_entries (
    number      INTEGER PRIMARY KEY NOT NULL, -- 1, 2, 3: a gap is an entry that was taken away
    happened_at INTEGER NOT NULL,
    act         TEXT NOT NULL,
    role        TEXT NOT NULL,
    tenant      TEXT,
    incident    TEXT,
    amount      INTEGER NOT NULL,
    mac         BLOB NOT NULL                 -- over the entry before and this one
) STRICT;

CREATE INDEX audit_by_time ON audit_entries (happened_at);
CREATE INDEX audit_by_incident ON audit_entries (incident) WHERE incident IS NOT NULL;

-- How long the trail is and how it ends, sealed, so that entries cut off its end are missed.
CREATE TABLE audit_head (
    one     INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    entries INTEGER NOT NULL,
    mac     BLOB NOT NULL,
    seal    BLOB NOT NULL
) STRICT;

INSERT INTO audit_head (one, entries, mac, seal) VALUES (1, 0, x'', x'');

CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN SELECT raise(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries
BEGIN SELECT raise(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head WHEN new.entries <= old.entries
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER audit_head_remains BEFORE DELETE ON audit_head
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;
