-- What providers tell of connected mailboxes at once.
-- +goose Up
ALTER TABLE mailboxes ADD COLUMN subscription_id text NOT NULL DEFAULT ''; -- the provider's
ALTER TABLE mailboxes ADD COLUMN subscription_key text NOT NULL DEFAULT ''; -- the hash of the secret in its notifications
ALTER TABLE mailboxes ADD COLUMN subscribe_at timestamptz; -- when it is asked for again
CREATE INDEX mailboxes_subscription ON mailboxes (subscription_key);

-- +goose Down
DROP INDEX mailboxes_subscription;
ALTER TABLE mailboxes DROP COLUMN subscribe_at;
ALTER TABLE mailboxes DROP COLUMN subscription_key;
ALTER TABLE mailboxes DROP COLUMN subscription_id;
