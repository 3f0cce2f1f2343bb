-- A notice may be due again within an episode: once for each window that closes on the conversation.
-- +goose Up
ALTER TABLE notices ADD COLUMN about text NOT NULL DEFAULT ''; -- what tells it from others of its kind
DROP INDEX notices_once;
CREATE UNIQUE INDEX notices_once ON notices (conversation_id, episode, kind, agent_id, team_id, about);

-- +goose Down
DELETE FROM notices WHERE about <> '';
DROP INDEX notices_once;
CREATE UNIQUE INDEX notices_once ON notices (conversation_id, episode, kind, agent_id, team_id);
ALTER TABLE notices DROP COLUMN about;
