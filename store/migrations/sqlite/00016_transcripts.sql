-- Copies of conversations that are mailed to whoever asked for them.
-- +goose Up
ALTER TABLE notices ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN asked_by text NOT NULL DEFAULT '';
CREATE INDEX notices_to_address ON notices (address, created_at) WHERE address <> '';
CREATE INDEX notices_transcripts_pending ON notices (created_at) WHERE kind = 'transcript' AND state = 'pending';

-- +goose Down
DELETE FROM notices WHERE kind = 'transcript';
DROP INDEX notices_transcripts_pending;
DROP INDEX notices_to_address;
ALTER TABLE notices DROP COLUMN asked_by;
ALTER TABLE notices DROP COLUMN address;
