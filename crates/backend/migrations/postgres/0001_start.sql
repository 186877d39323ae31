-- The tables of ../sqlite, behind row-level security (P5).
--
-- Two roles. The one that migrates owns everything. The service is a member of `golpo_service`, owns
-- nothing and cannot bypass row-level security: a transaction sees the rows of the tenant that it
-- names in `golpo.tenant`, and without a name none. What must look over tenants (the queue, the
-- upkeep, the operator's lists) are the functions at the end; they run as the owner and give ids and
-- states, never content or keys.
--
-- Columns of type bytea marked "sealed" hold envelopes under the tenant's data key (P7). Nothing here
-- names a person (P8). Instants are Unix seconds. What belongs to a tenant needs the tenant's row, so
-- that nothing comes to be beside a deletion.

DO $$
BEGIN
    CREATE ROLE golpo_service NOLOGIN NOSUPERUSER NOBYPASSRLS;
EXCEPTION
    -- Made before, by another database of this cluster or at this very moment.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE SEQUENCE turns;

CREATE TABLE tenants (
    tenant_id      text PRIMARY KEY NOT NULL,
    folder         text NOT NULL UNIQUE,       -- random; stands for the tenant in object names
    master         text NOT NULL,              -- the master key that data_key is wrapped under
    data_key       bytea NOT NULL,              -- wrapped; everything sealed of the tenant is under it
    state          text NOT NULL CHECK (state IN ('active', 'suspended', 'deleting')),
    monthly_videos bigint,                    -- the admin's allowance; NULL is none
    retention_days bigint,                    -- the admin's choice; NULL is the service's
    created_at     bigint NOT NULL,
    served         bigint NOT NULL DEFAULT 0  -- the turn in which the last job was claimed
);

CREATE INDEX tenants_by_turn ON tenants (state, served);

CREATE TABLE videos (
    id                 text PRIMARY KEY NOT NULL, -- UUID v7, so that its order is the order of creation
    tenant_id          text NOT NULL REFERENCES tenants (tenant_id),
    page_id            text NOT NULL,
    space_id           text,
    page_version       bigint NOT NULL,
    source_fingerprint text,                      -- protocol::Fingerprint
    title              bytea NOT NULL,             -- sealed
    options            text NOT NULL,             -- JSON of protocol::VideoOptions
    state              text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    stage              text NOT NULL,
    percent            bigint NOT NULL CHECK (percent BETWEEN 0 AND 100),
    failure_code       text,
    created_at         bigint NOT NULL,
    finished_at        bigint,
    duration_ms        bigint,
    chapters           bytea                       -- sealed JSON of [protocol::Chapter]
);

CREATE INDEX videos_of_tenant ON videos (tenant_id, id);
CREATE INDEX videos_of_page ON videos (tenant_id, page_id, id);
CREATE INDEX videos_by_age ON videos (created_at);

-- One row while a video is to be made; gone, and the script with it, once it is done or failed for
-- good. A dead job waits for an operator, who lets it run again or lets it go.
CREATE TABLE jobs (
    video_id    text PRIMARY KEY NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    tenant_id   text NOT NULL REFERENCES tenants (tenant_id),
    script      bytea NOT NULL,              -- sealed
    state       text NOT NULL CHECK (state IN ('due', 'dead')),
    attempts    bigint NOT NULL DEFAULT 0,
    lease_owner text,                       -- the worker that is at it
    not_before  bigint NOT NULL,           -- end of the lease, or of the pause before a retry
    died_at     bigint
);

CREATE INDEX jobs_of_tenant ON jobs (tenant_id, state, video_id);
CREATE INDEX jobs_leased ON jobs (tenant_id, not_before) WHERE lease_owner IS NOT NULL;
CREATE INDEX jobs_dead ON jobs (died_at) WHERE state = 'dead';
CREATE INDEX jobs_by_attempts ON jobs (attempts, not_before) WHERE state = 'due';

-- What was answered to a POST, so that the same request gets the same answer.
CREATE TABLE idempotency_keys (
    tenant_id    text NOT NULL REFERENCES tenants (tenant_id),
    key          text NOT NULL,
    request_hash bytea NOT NULL,             -- keyed hash
    status       bigint NOT NULL,
    answer       bytea NOT NULL,             -- sealed
    video_id     text,                      -- the video it is about; deleted with it
    created_at   bigint NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

CREATE INDEX idempotency_keys_of_video ON idempotency_keys (tenant_id, video_id);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE api_keys (
    tenant_id   text PRIMARY KEY NOT NULL REFERENCES tenants (tenant_id),
    api_key     bytea NOT NULL,              -- sealed
    fingerprint text NOT NULL,
    saved_at    bigint NOT NULL
);

-- One row for each finished video, whatever became of the video since: its key makes a second
-- charge impossible.
CREATE TABLE charges (
    video_id   text PRIMARY KEY NOT NULL,
    tenant_id  text NOT NULL REFERENCES tenants (tenant_id),
    month      text NOT NULL,               -- YYYY-MM
    space_id   text,
    engine     text NOT NULL,
    seconds    bigint NOT NULL,
    charged_at bigint NOT NULL
);

CREATE INDEX charges_of_month ON charges (tenant_id, month);

-- Deletions asked for (P22): a row is there before anything is deleted, so that what was begun is
-- ended, and stays as the receipt.
CREATE TABLE deletions (
    id           text PRIMARY KEY NOT NULL,
    tenant_id    text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('video', 'page', 'tenant')),
    target       text NOT NULL,             -- the video's or page's id; empty of a tenant
    folder       text NOT NULL,             -- where the files are, once the tenant's row is gone
    reason       text NOT NULL CHECK (reason IN ('request', 'uninstalled', 'retention', 'operator')),
    requested_at bigint NOT NULL,
    completed_at bigint,
    receipt      text                       -- signed JSON, once completed
);

CREATE INDEX deletions_of_tenant ON deletions (tenant_id, id);
CREATE INDEX deletions_open ON deletions (id) WHERE completed_at IS NULL;

-- Keys of the service itself, wrapped under the master key.
CREATE TABLE service_keys (
    purpose  text PRIMARY KEY NOT NULL,
    master   text NOT NULL,
    data_key bytea NOT NULL
);

-- Row-level security. The first policy is the service's; the second lets the owner's functions work.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tenants', 'videos', 'jobs', 'idempotency_keys', 'api_keys', 'charges', 'deletions'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY of_tenant ON %I TO golpo_service
             USING (tenant_id = current_setting(''golpo.tenant'', true))
             WITH CHECK (tenant_id = current_setting(''golpo.tenant'', true))', name);
        EXECUTE format('CREATE POLICY of_owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO golpo_service', name);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON service_keys TO golpo_service;
GRANT USAGE ON SCHEMA public TO golpo_service;
-- The service refuses to start on another schema than it was built for.
GRANT SELECT ON _sqlx_migrations TO golpo_service;

-- The next job: of the tenant that has waited longest for its turn, the oldest that is due.
CREATE FUNCTION claim_job(worker text, lease_until bigint, now bigint, max_attempts bigint, per_tenant bigint)
RETURNS TABLE (video_id text, tenant_id text, attempts bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    candidate text;
    found_id text;
BEGIN
    FOR candidate IN
        SELECT t.tenant_id FROM tenants t
        WHERE t.state = 'active' AND EXISTS (
            SELECT 1 FROM jobs j WHERE j.tenant_id = t.tenant_id AND j.state = 'due'
                AND j.not_before <= claim_job.now AND j.attempts < claim_job.max_attempts)
        ORDER BY t.served
    LOOP
        -- One claim of a tenant at a time, or two would both see one place free.
        PERFORM 1 FROM tenants t WHERE t.tenant_id = candidate AND t.state = 'active' FOR NO KEY UPDATE;
        CONTINUE WHEN NOT FOUND;
        CONTINUE WHEN claim_job.per_tenant <= (
            SELECT count(*) FROM jobs j
            WHERE j.tenant_id = candidate AND j.lease_owner IS NOT NULL AND j.not_before > claim_job.now);
        SELECT j.video_id INTO found_id FROM jobs j
        WHERE j.tenant_id = candidate AND j.state = 'due' AND j.not_before <= claim_job.now
            AND j.attempts < claim_job.max_attempts
        ORDER BY j.video_id LIMIT 1
        FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        UPDATE tenants t SET served = nextval('turns') WHERE t.tenant_id = candidate;
        RETURN QUERY
            UPDATE jobs j SET lease_owner = claim_job.worker, not_before = claim_job.lease_until,
                attempts = j.attempts + 1
            WHERE j.video_id = found_id
            RETURNING j.video_id, j.tenant_id, j.attempts;
        RETURN;
    END LOOP;
END
$$;

-- Parks the jobs whose last attempt ended without a word: their worker is gone.
CREATE FUNCTION reap_jobs(max_attempts bigint, now bigint, code text) RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH dead AS (
        UPDATE jobs j SET state = 'dead', died_at = $2, lease_owner = NULL
        WHERE j.video_id IN (
            SELECT d.video_id FROM jobs d
            WHERE d.state = 'due' AND d.attempts >= $1 AND d.not_before <= $2
            FOR UPDATE SKIP LOCKED)
        RETURNING j.video_id)
    UPDATE videos v SET state = 'failed', failure_code = $3, finished_at = $2
    FROM dead WHERE v.id = dead.video_id
    RETURNING v.id
$$;

CREATE FUNCTION queue_counts(now bigint) RETURNS TABLE (waiting bigint, running bigint, dead bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FILTER (WHERE state = 'due' AND (lease_owner IS NULL OR not_before <= $1)),
           count(*) FILTER (WHERE state = 'due' AND lease_owner IS NOT NULL AND not_before > $1),
           count(*) FILTER (WHERE state = 'dead')
    FROM jobs
$$;

CREATE FUNCTION list_jobs(wanted text, after text, at_most bigint)
RETURNS TABLE (video_id text, tenant_id text, state text, attempts bigint, not_before bigint, died_at bigint, leased bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT j.video_id, j.tenant_id, j.state, j.attempts, j.not_before, j.died_at,
        (j.lease_owner IS NOT NULL)::int::bigint
    FROM jobs j WHERE ($1 = '' OR j.state = $1) AND j.video_id > $2
    ORDER BY j.video_id LIMIT $3
$$;

CREATE FUNCTION owner_of_video(id text) RETURNS TABLE (tenant_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.tenant_id FROM videos v WHERE v.id = $1
$$;

CREATE FUNCTION list_tenants(after text, at_most bigint)
RETURNS TABLE (tenant_id text, state text, master text, created_at bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.tenant_id, t.state, t.master, t.created_at
    FROM tenants t WHERE t.tenant_id > $1 ORDER BY t.tenant_id LIMIT $2
$$;

CREATE FUNCTION purge_answers(before bigint) RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM idempotency_keys k WHERE k.created_at < $1 RETURNING k.key
$$;

CREATE FUNCTION purge_dead_jobs(before bigint) RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM jobs j WHERE j.state = 'dead' AND j.died_at < $1 RETURNING j.video_id
$$;

CREATE FUNCTION videos_past_retention(now bigint, default_days bigint, at_most bigint)
RETURNS TABLE (tenant_id text, id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.tenant_id, v.id FROM videos v JOIN tenants t ON t.tenant_id = v.tenant_id
    WHERE v.created_at < $1 - coalesce(t.retention_days, $2) * 86400
    ORDER BY v.created_at LIMIT $3
$$;

CREATE FUNCTION open_deletions() RETURNS TABLE (tenant_id text, id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.tenant_id, d.id FROM deletions d WHERE d.completed_at IS NULL ORDER BY d.id
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'claim_job(text, bigint, bigint, bigint, bigint)', 'reap_jobs(bigint, bigint, text)',
        'queue_counts(bigint)', 'list_jobs(text, text, bigint)', 'owner_of_video(text)',
        'list_tenants(text, bigint)', 'purge_answers(bigint)', 'purge_dead_jobs(bigint)',
        'videos_past_retention(bigint, bigint, bigint)', 'open_deletions()'
    ] LOOP
        EXECUTE 'REVOKE ALL ON FUNCTION ' || name || ' FROM PUBLIC';
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || name || ' TO golpo_service';
    END LOOP;
END
$$;
GRANT USAGE ON SEQUENCE turns TO golpo_service;
