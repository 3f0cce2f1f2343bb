-- Deadlines that a workflow meets: the sweep looks for those that passed, because the workflow was lost.
-- +goose Up
ALTER TABLE conversations ADD COLUMN overdue_told_at text; -- when the sweep last told the workflow of anything overdue
-- So far an answer did not end it here.
UPDATE conversations SET answer_by = NULL WHERE answer_by IS NOT NULL;
CREATE INDEX conversations_answer_by ON conversations (answer_by) WHERE answer_by IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE status = 'snoozed';

ALTER TABLE chatflow_runs ADD COLUMN hand_over_at text; -- unless the contact answers
UPDATE chatflow_runs SET hand_over_at = created_at WHERE outcome = 'waits';
CREATE INDEX chatflow_runs_waiting ON chatflow_runs (hand_over_at) WHERE outcome = 'waits';

-- +goose Down
DROP INDEX chatflow_runs_waiting;
ALTER TABLE chatflow_runs DROP COLUMN hand_over_at;
DROP INDEX conversations_snoozed;
DROP INDEX conversations_answer_by;
ALTER TABLE conversations DROP COLUMN overdue_told_at;
