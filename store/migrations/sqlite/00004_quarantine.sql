-- What cannot be understood is in quarantine once, however often it came.
-- +goose Up
ALTER TABLE quarantine ADD COLUMN digest text NOT NULL DEFAULT ''; -- SHA-256 of raw as it came; '' from before
CREATE UNIQUE INDEX quarantine_once ON quarantine (channel_id, source, digest) WHERE digest <> '';

-- +goose Down
DROP INDEX quarantine_once;
ALTER TABLE quarantine DROP COLUMN digest;
