-- Why a provider did not deliver a message.
-- +goose Up
ALTER TABLE messages ADD COLUMN error_detail text NOT NULL DEFAULT ''; -- the provider's reason in words

-- +goose Down
ALTER TABLE messages DROP COLUMN error_detail;
