-- Calls, and the phones they are put through to.
-- +goose Up
ALTER TABLE agents ADD COLUMN phone text NOT NULL DEFAULT ''; -- E.164, verified

CREATE TABLE phone_verifications (
    agent_id     text PRIMARY KEY REFERENCES agents,
    phone        text NOT NULL, -- E.164, not verified yet
    code_hash    text NOT NULL,
    tries        integer NOT NULL, -- of this code
    sent         integer NOT NULL, -- codes since counted_from
    counted_from text NOT NULL,
    sent_at      text NOT NULL,
    expires_at   text NOT NULL
);

CREATE TABLE calls (
    id               text PRIMARY KEY,
    provider_call_id text NOT NULL UNIQUE,
    conversation_id  text NOT NULL REFERENCES conversations,
    channel_id       text NOT NULL REFERENCES channels,
    state            text NOT NULL,
    agent_id         text NOT NULL, -- whose phone rang last, or who answered
    rung_agent_ids   text NOT NULL, -- in order
    reason           text NOT NULL, -- why it was missed
    started_at       text NOT NULL,
    changed_at       text NOT NULL, -- when the state was entered
    answered_at      text,
    ended_at         text,
    seen_at          text NOT NULL, -- when the provider last asked what to do
    news_at          text -- its workflow has to be told
);
CREATE INDEX calls_conversation ON calls (conversation_id);
CREATE INDEX calls_running ON calls (seen_at) WHERE ended_at IS NULL;
CREATE INDEX calls_news ON calls (news_at) WHERE news_at IS NOT NULL;

-- +goose Down
DROP TABLE calls;
DROP TABLE phone_verifications;
ALTER TABLE agents DROP COLUMN phone;
