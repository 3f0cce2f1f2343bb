-- Up to when agents have read what the contact said: a chat's visitor sees it.
-- +goose Up
ALTER TABLE conversations ADD COLUMN read_at text;

-- +goose Down
ALTER TABLE conversations DROP COLUMN read_at;
