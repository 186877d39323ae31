-- What the page said when the video was asked for, as protocol::SourceFingerprint: a hash that is
-- compared and nothing else. Absent of the videos from before.
ALTER TABLE videos ADD COLUMN source_fingerprint TEXT;
