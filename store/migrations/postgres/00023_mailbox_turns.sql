-- When mailboxes that nothing reads had their turn.
-- +goose Up
ALTER TABLE mailboxes ADD COLUMN turn_at timestamptz; -- when its workflow was last looked for

-- +goose Down
ALTER TABLE mailboxes DROP COLUMN turn_at;
