-- Addresses and numbers that their contact only named, and that give way to the next one.
-- +goose Up
ALTER TABLE identities ADD COLUMN claimed boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE identities DROP COLUMN claimed;
