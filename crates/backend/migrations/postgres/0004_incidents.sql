-- Incidents and what contains them, as in ../sqlite (P18 to P21). No tenant's rows: they look over tenants,
-- so that their policies name what may be done instead of whose it is.

CREATE TABLE incidents (
    id             text PRIMARY KEY NOT NULL,  -- UUID v7, so that its order is the order of opening
    cause          text NOT NULL,              -- the rule, with the tenant where it is about one; or `by hand`
    severity       text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    kinds          text NOT NULL,              -- the kinds of data that may be touched, parted by commas
    tenant         text,
    opened_at      bigint NOT NULL,
    last_signal_at bigint NOT NULL,
    affected_from  bigint,                    -- between which moments the affected were last looked for
    affected_to    bigint,
    contained_at   bigint,
    notified_at    bigint,
    reviewed_at    bigint,
    review_hash    text,                       -- SHA-256 of the accepted review
    closed_at      bigint
);

-- A rule that fires again while its incident is open opens no second one.
CREATE UNIQUE INDEX incidents_open ON incidents (cause) WHERE closed_at IS NULL AND cause <> 'by hand';

CREATE TABLE containments (
    id        text PRIMARY KEY NOT NULL,
    incident  text NOT NULL REFERENCES incidents (id),
    kind      text NOT NULL CHECK (kind IN ('tenant', 'jobs', 'api_key', 'api_keys', 'writes', 'links', 'app')),
    target    text NOT NULL,                   -- the tenant's or the app's id; else empty
    begun_at  bigint NOT NULL,
    lifted_at bigint
);

CREATE UNIQUE INDEX containments_in_force ON containments (kind, target)
    WHERE lifted_at IS NULL AND kind NOT IN ('links', 'api_key');
CREATE INDEX containments_of_incident ON containments (incident);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['incidents', 'containments'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY of_service ON %I TO golpo_service USING (true) WITH CHECK (true)', name);
        -- For the check of what refers to them.
        EXECUTE format('CREATE POLICY of_owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO golpo_service', name);
    END LOOP;
END
$$;

-- Over all tenants: which have data that was written, used or being worked on between two moments, by kind.
CREATE FUNCTION affected_tenants(from_at bigint, to_at bigint)
RETURNS TABLE (tenant text, kind text, amount bigint, first_at bigint, last_at bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.tenant_id, 'page-content', count(*), min(v.created_at), max(coalesce(v.finished_at, v.created_at))
    FROM videos v WHERE v.created_at <= $2 AND coalesce(v.finished_at, $2) >= $1 GROUP BY v.tenant_id
    UNION ALL
    SELECT c.tenant_id, 'video', count(*), min(c.charged_at), max(c.charged_at)
    FROM charges c WHERE c.charged_at BETWEEN $1 AND $2 GROUP BY c.tenant_id
    UNION ALL
    SELECT k.tenant_id, 'api-key', count(*), min(k.saved_at), max(k.saved_at)
    FROM api_keys k WHERE k.saved_at <= $2 AND (k.saved_at >= $1 OR EXISTS (
        SELECT 1 FROM videos v WHERE v.tenant_id = k.tenant_id
            AND v.created_at <= $2 AND coalesce(v.finished_at, $2) >= $1))
    GROUP BY k.tenant_id
$$;
REVOKE ALL ON FUNCTION affected_tenants(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION affected_tenants(bigint, bigint) TO golpo_service;
