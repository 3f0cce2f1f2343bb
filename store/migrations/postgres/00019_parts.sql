-- What became of each part of an answer after its provider had it.
-- +goose Up
ALTER TABLE message_parts ADD COLUMN state text NOT NULL DEFAULT ''; -- '' of one that was sent is no more than that
ALTER TABLE message_parts ADD COLUMN error_code text NOT NULL DEFAULT '';
ALTER TABLE message_parts ADD COLUMN error_detail text NOT NULL DEFAULT '';
ALTER TABLE message_parts ALTER COLUMN message_id TYPE text COLLATE "C";

-- +goose Down
ALTER TABLE message_parts ALTER COLUMN message_id TYPE text;
ALTER TABLE message_parts DROP COLUMN error_detail;
ALTER TABLE message_parts DROP COLUMN error_code;
ALTER TABLE message_parts DROP COLUMN state;
