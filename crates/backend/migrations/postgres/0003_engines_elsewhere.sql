-- Engines that make a video elsewhere: what is noted of an order that is there, which engine made a
-- video, and what an engine said of a key.
ALTER TABLE jobs ADD COLUMN note BYTEA;          -- sealed; how far the order has come at its engine
ALTER TABLE videos ADD COLUMN engine TEXT;       -- who made it; absent until it is done, and of videos from before
ALTER TABLE api_keys ADD COLUMN problem TEXT;    -- protocol::ErrorCode: why the engine refuses it
ALTER TABLE api_keys ADD COLUMN problem_at BIGINT;
