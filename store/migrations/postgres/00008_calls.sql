-- Calls, and the phones they are put through to.
-- +goose Up
ALTER TABLE agents ADD COLUMN phone text NOT NULL DEFAULT ''; -- E.164, verified

CREATE TABLE phone_verifications (
    agent_id     text COLLATE "C" PRIMARY KEY REFERENCES agents,
    phone        text NOT NULL, -- E.164, not verified yet
    code_hash    text NOT NULL,
    tries        integer NOT NULL, -- of this code
    sent         integer NOT NULL, -- codes since counted_from
    counted_from timestamptz NOT NULL,
    sent_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

CREATE TABLE calls (
    id               text COLLATE "C" PRIMARY KEY,
    provider_call_id text COLLATE "C" NOT NULL UNIQUE,
    conversation_id  text COLLATE "C" NOT NULL REFERENCES conversations,
    channel_id       text COLLATE "C" NOT NULL REFERENCES channels,
    state            text NOT NULL,
    agent_id         text COLLATE "C" NOT NULL, -- whose phone rang last, or who answered
    rung_agent_ids   jsonb NOT NULL, -- in order
    reason           text NOT NULL, -- why it was missed
    started_at       timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL, -- when the state was entered
    answered_at      timestamptz,
    ended_at         timestamptz,
    seen_at          timestamptz NOT NULL, -- when the provider last asked what to do
    news_at          timestamptz -- its workflow has to be told
);
CREATE INDEX calls_conversation ON calls (conversation_id);
CREATE INDEX calls_running ON calls (seen_at) WHERE ended_at IS NULL;
CREATE INDEX calls_news ON calls (news_at) WHERE news_at IS NOT NULL;

-- +goose Down
DROP TABLE calls;
DROP TABLE phone_verifications;
ALTER TABLE agents DROP COLUMN phone;
