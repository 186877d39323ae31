-- The audit trail of ../sqlite (P18, P20). The service may add to it and read it, and nothing else; the
-- triggers hold for the owner as well. No tenant's rows: the trail looks over tenants and outlives them,
-- so its policies name what may be done instead of whose it is.

CREATE TABLE audit_entries (
    number      bigint PRIMARY KEY NOT NULL,  -- 1, 2, 3: a gap is an entry that was taken away
    happened_at bigint NOT NULL,
    act         text NOT NULL,
    role        text NOT NULL,
    tenant      text,
    incident    text,
    amount      bigint NOT NULL,
    mac         bytea NOT NULL                -- over the entry before and this one
);

CREATE INDEX audit_by_time ON audit_entries (happened_at);
CREATE INDEX audit_by_incident ON audit_entries (incident) WHERE incident IS NOT NULL;

-- How long the trail is and how it ends, sealed, so that entries cut off its end are missed.
CREATE TABLE audit_head (
    one     bigint PRIMARY KEY NOT NULL CHECK (one = 1),
    entries bigint NOT NULL,
    mac     bytea NOT NULL,
    seal    bytea NOT NULL
);

INSERT INTO audit_head (one, entries, mac, seal) VALUES (1, 0, '', '');

CREATE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only added to';
END
$$;

CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.entries <= old.entries THEN
        RAISE EXCEPTION 'the audit trail only grows';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_added_to();
CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
CREATE TRIGGER audit_head_remains BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_added_to();

ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY service_reads ON audit_entries FOR SELECT TO golpo_service USING (true);
CREATE POLICY service_adds ON audit_entries FOR INSERT TO golpo_service WITH CHECK (true);
GRANT SELECT, INSERT ON audit_entries TO golpo_service;

ALTER TABLE audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_head FORCE ROW LEVEL SECURITY;
CREATE POLICY service_reads ON audit_head FOR SELECT TO golpo_service USING (true);
CREATE POLICY service_moves ON audit_head FOR UPDATE TO golpo_service USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON audit_head TO golpo_service;
