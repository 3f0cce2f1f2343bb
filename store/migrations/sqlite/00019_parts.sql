-- What became of each part of an answer after its provider had it, and when pages had their turn.
-- +goose Up
ALTER TABLE message_parts ADD COLUMN state text NOT NULL DEFAULT ''; -- '' of one that was sent is no more than that
ALTER TABLE message_parts ADD COLUMN error_code text NOT NULL DEFAULT '';
ALTER TABLE message_parts ADD COLUMN error_detail text NOT NULL DEFAULT '';

ALTER TABLE pages ADD COLUMN turn_at text; -- when a check was last started

-- +goose Down
ALTER TABLE pages DROP COLUMN turn_at;
ALTER TABLE message_parts DROP COLUMN error_detail;
ALTER TABLE message_parts DROP COLUMN error_code;
ALTER TABLE message_parts DROP COLUMN state;
