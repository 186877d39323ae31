-- Each tenant gets a data key of its own, jobs can be parked, and charges are kept by video. What
-- was sealed before was sealed under keys of another kind and cannot be read by this program; no
-- release has written any, so these tables are made anew and nothing is carried over.
--
-- Columns of type BLOB marked "sealed" hold envelopes under the tenant's data key (P7): page content
-- and secrets. Nothing here names a person (P8). Instants are Unix seconds. What
-- belongs to a tenant needs the tenant's row, so that nothing comes to be beside a deletion. The same tables stand in
-- ../postgres, where row-level security guards them as well (P5).

DROP TABLE idempotency_keys;
DROP TABLE jobs;
DROP TABLE videos;
DROP TABLE api_keys;
DROP TABLE usage;

CREATE TABLE tenants (
    tenant_id      TEXT PRIMARY KEY NOT NULL,
    folder         TEXT NOT NULL UNIQUE,       -- random; stands for the tenant in object names
    master         TEXT NOT NULL,              -- the master key that data_key is wrapped under
    data_key       BLOB NOT NULL,              -- wrapped; everything sealed of the tenant is under it
    state          TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'deleting')),
    monthly_videos INTEGER,                    -- the admin's allowance; NULL is none
    retention_days INTEGER,                    -- the admin's choice; NULL is the service's
    created_at     INTEGER NOT NULL,
    served         INTEGER NOT NULL DEFAULT 0  -- the turn in which the last job was claimed
) STRICT;

CREATE INDEX tenants_by_turn ON tenants (state, served);

CREATE TABLE videos (
    id                 TEXT PRIMARY KEY NOT NULL, -- UUID v7, so that its order is the order of creation
    tenant_id          TEXT NOT NULL REFERENCES tenants (tenant_id),
    page_id            TEXT NOT NULL,
    space_id           TEXT,
    page_version       INTEGER NOT NULL,
    source_fingerprint TEXT,                      -- protocol::Fingerprint
    title              BLOB NOT NULL,             -- sealed
    options            TEXT NOT NULL,             -- JSON of protocol::VideoOptions
    state              TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    stage              TEXT NOT NULL,
    percent            INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),
    failure_code       TEXT,
    created_at         INTEGER NOT NULL,
    finished_at        INTEGER,
    duration_ms        INTEGER,
    chapters           BLOB                       -- sealed JSON of [protocol::Chapter]
) STRICT;

CREATE INDEX videos_of_tenant ON videos (tenant_id, id);
CREATE INDEX videos_of_page ON videos (tenant_id, page_id, id);
CREATE INDEX videos_by_age ON videos (created_at);

-- One row while a video is to be made; gone, and the script with it, once it is done or failed for
-- good. A dead job waits for an operator, who lets it run again or lets it go.
CREATE TABLE jobs (
    video_id    TEXT PRIMARY KEY NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    tenant_id   TEXT NOT NULL REFERENCES tenants (tenant_id),
    script      BLOB NOT NULL,              -- sealed
    state       TEXT NOT NULL CHECK (state IN ('due', 'dead')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT,                       -- the worker that is at it
    not_before  INTEGER NOT NULL,           -- end of the lease, or of the pause before a retry
    died_at     INTEGER
) STRICT;

CREATE INDEX jobs_of_tenant ON jobs (tenant_id, state, video_id);
CREATE INDEX jobs_leased ON jobs (tenant_id, not_before) WHERE lease_owner IS NOT NULL;
CREATE INDEX jobs_dead ON jobs (died_at) WHERE state = 'dead';
CREATE INDEX jobs_by_attempts ON jobs (attempts, not_before) WHERE state = 'due';

-- A claim gives the tenant's turn to the others (fairness).
CREATE TRIGGER turn AFTER UPDATE OF lease_owner ON jobs WHEN new.lease_owner IS NOT NULL
BEGIN
    UPDATE tenants SET served = (SELECT max(served) + 1 FROM tenants) WHERE tenant_id = new.tenant_id;
END;

-- What was answered to a POST, so that the same request gets the same answer.
CREATE TABLE idempotency_keys (
    tenant_id    TEXT NOT NULL REFERENCES tenants (tenant_id),
    key          TEXT NOT NULL,
    request_hash BLOB NOT NULL,             -- keyed hash
    status       INTEGER NOT NULL,
    answer       BLOB NOT NULL,             -- sealed
    video_id     TEXT,                      -- the video it is about; deleted with it
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT;

CREATE INDEX idempotency_keys_of_video ON idempotency_keys (tenant_id, video_id);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE api_keys (
    tenant_id   TEXT PRIMARY KEY NOT NULL REFERENCES tenants (tenant_id),
    api_key     BLOB NOT NULL,              -- sealed
    fingerprint TEXT NOT NULL,
    saved_at    INTEGER NOT NULL
) STRICT;

-- One row for each finished video, whatever became of the video since: its key makes a second
-- charge impossible.
CREATE TABLE charges (
    video_id   TEXT PRIMARY KEY NOT NULL,
    tenant_id  TEXT NOT NULL REFERENCES tenants (tenant_id),
    month      TEXT NOT NULL,               -- YYYY-MM
    space_id   TEXT,
    engine     TEXT NOT NULL,
    seconds    INTEGER NOT NULL,
    charged_at INTEGER NOT NULL
) STRICT;

CREATE INDEX charges_of_month ON charges (tenant_id, month);

-- Deletions asked for (P22): a row is there before anything is deleted, so that what was begun is
-- ended, and stays as the receipt.
CREATE TABLE deletions (
    id           TEXT PRIMARY KEY NOT NULL,
    tenant_id    TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('video', 'page', 'tenant')),
    target       TEXT NOT NULL,             -- the video's or page's id; empty of a tenant
    folder       TEXT NOT NULL,             -- where the files are, once the tenant's row is gone
    reason       TEXT NOT NULL CHECK (reason IN ('request', 'uninstalled', 'retention', 'operator')),
    requested_at INTEGER NOT NULL,
    completed_at INTEGER,
    receipt      TEXT                       -- signed JSON, once completed
) STRICT;

CREATE INDEX deletions_of_tenant ON deletions (tenant_id, id);
CREATE INDEX deletions_open ON deletions (id) WHERE completed_at IS NULL;

-- Keys of the service itself, wrapped under the master key.
CREATE TABLE service_keys (
    purpose  TEXT PRIMARY KEY NOT NULL,
    master   TEXT NOT NULL,
    data_key BLOB NOT NULL
) STRICT;
