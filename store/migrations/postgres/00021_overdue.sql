-- Answers and notices that a workflow has in hand: the sweep looks for those that nothing tries any more.
-- +goose Up
CREATE INDEX messages_under_way ON messages (next_try_at)
    WHERE direction = 'out' AND state IN ('pending', 'sending') AND dispatched_at IS NOT NULL;

ALTER TABLE notices ADD COLUMN next_try_at timestamptz; -- NULL of those from before is never
CREATE INDEX notices_under_way ON notices (next_try_at) WHERE state IN ('pending', 'sending') AND kind <> 'transcript';

-- +goose Down
DROP INDEX notices_under_way;
ALTER TABLE notices DROP COLUMN next_try_at;
DROP INDEX messages_under_way;
