-- What team e-mail needs. New columns have defaults: the version before writes rows without them.
-- +goose Up
ALTER TABLE channels ADD COLUMN hosted_token text COLLATE "C" NOT NULL DEFAULT ''; -- the local part of its hosted address
ALTER TABLE channels ADD COLUMN provider text NOT NULL DEFAULT ''; -- whose mailbox is connected; '' is none
ALTER TABLE channels ADD COLUMN confirmation jsonb; -- of a forwarding address
CREATE UNIQUE INDEX channels_hosted ON channels (hosted_token) WHERE hosted_token <> '';

ALTER TABLE messages ADD COLUMN body_quoted text NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN automatic boolean NOT NULL DEFAULT false;
-- When the sweep tells it: the time of storing until a try failed.
ALTER TABLE messages ADD COLUMN next_try_at timestamptz NOT NULL DEFAULT now();
-- In place of messages_undispatched, which the version before still reads.
CREATE INDEX messages_next_try ON messages (next_try_at, id) WHERE dispatched_at IS NULL;
-- Message-IDs, whatever channel they came in through.
CREATE INDEX messages_reference ON messages (provider_message_id);
CREATE INDEX messages_author ON messages (author_id) WHERE author_kind = 'contact';

ALTER TABLE attachments ADD COLUMN content_id text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE attachments DROP COLUMN content_id;
DROP INDEX messages_author;
DROP INDEX messages_reference;
DROP INDEX messages_next_try;
ALTER TABLE messages DROP COLUMN next_try_at;
ALTER TABLE messages DROP COLUMN automatic;
ALTER TABLE messages DROP COLUMN body_quoted;
DROP INDEX channels_hosted;
ALTER TABLE channels DROP COLUMN confirmation;
ALTER TABLE channels DROP COLUMN provider;
ALTER TABLE channels DROP COLUMN hosted_token;
