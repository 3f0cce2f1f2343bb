-- Windows that moved without a message, and of which the conversation's workflow is to be told.
-- +goose Up
ALTER TABLE conversations ADD COLUMN window_news_at text; -- since when; NULL once it was told
CREATE INDEX conversations_window_news ON conversations (window_news_at) WHERE window_news_at IS NOT NULL;

-- +goose Down
DROP INDEX conversations_window_news;
ALTER TABLE conversations DROP COLUMN window_news_at;
