-- Channels of providers: their windows, buttons, templates and files. New columns have defaults: the version
-- before writes rows without them.
-- +goose Up
ALTER TABLE channels ADD COLUMN paused_until text; -- its provider asked for less
ALTER TABLE conversations ADD COLUMN last_contact_at text; -- by the provider's clock

ALTER TABLE messages ADD COLUMN quick_replies text; -- buttons
ALTER TABLE messages ADD COLUMN payload text NOT NULL DEFAULT ''; -- of the button that was pressed
ALTER TABLE messages ADD COLUMN in_reply_to text NOT NULL DEFAULT ''; -- the provider's id
ALTER TABLE messages ADD COLUMN template text; -- in place of body_text
ALTER TABLE messages ADD COLUMN remote text; -- files to be fetched

-- +goose Down
ALTER TABLE messages DROP COLUMN remote;
ALTER TABLE messages DROP COLUMN template;
ALTER TABLE messages DROP COLUMN in_reply_to;
ALTER TABLE messages DROP COLUMN payload;
ALTER TABLE messages DROP COLUMN quick_replies;
ALTER TABLE conversations DROP COLUMN last_contact_at;
ALTER TABLE channels DROP COLUMN paused_until;
