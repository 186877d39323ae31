-- Columns of type BLOB marked "sealed" hold vault envelopes (P7): page content and secrets.
-- Nothing here names a person (P8). Instants are Unix seconds.

CREATE TABLE videos (
    id           TEXT PRIMARY KEY NOT NULL, -- UUID v7, so that its order is the order of creation
    tenant_id    TEXT NOT NULL,
    page_id      TEXT NOT NULL,
    page_version INTEGER NOT NULL,
    title        BLOB NOT NULL,             -- sealed
    options      TEXT NOT NULL,             -- JSON of protocol::VideoOptions
    state        TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    stage        TEXT NOT NULL,
    percent      INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),
    failure_code TEXT,
    created_at   INTEGER NOT NULL,
    finished_at  INTEGER,
    duration_ms  INTEGER,
    chapters     BLOB                       -- sealed JSON of [protocol::Chapter]
) STRICT;

CREATE INDEX videos_of_tenant ON videos (tenant_id, id);
CREATE INDEX videos_of_page ON videos (tenant_id, page_id, id);

-- One row while a video is to be made; gone, and the script with it, once it is done or failed.
CREATE TABLE jobs (
    video_id    TEXT PRIMARY KEY NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    tenant_id   TEXT NOT NULL,
    script      BLOB NOT NULL,              -- sealed
    attempts    INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT,                       -- the worker that is at it
    not_before  INTEGER NOT NULL            -- end of the lease, or of the pause before a retry
) STRICT;

CREATE INDEX jobs_due ON jobs (not_before);

CREATE TABLE idempotency_keys (
    tenant_id    TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash BLOB NOT NULL,             -- keyed hash
    video_id     TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    PRIMARY KEY (tenant_id, key)
) STRICT;

CREATE INDEX idempotency_keys_of_video ON idempotency_keys (video_id);

CREATE TABLE api_keys (
    tenant_id   TEXT PRIMARY KEY NOT NULL,
    api_key     BLOB NOT NULL,              -- sealed
    fingerprint TEXT NOT NULL,
    saved_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE usage (
    tenant_id TEXT NOT NULL,
    month     TEXT NOT NULL,                -- YYYY-MM
    videos    INTEGER NOT NULL,
    seconds   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, month)
) STRICT;
