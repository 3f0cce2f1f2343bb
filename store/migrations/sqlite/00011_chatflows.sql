-- What automation says and asks before a conversation is routed (C11, M2).
-- +goose Up
CREATE TABLE chatflows (
    id         text PRIMARY KEY,
    channel_id text NOT NULL REFERENCES channels,
    name       text NOT NULL,
    active     boolean NOT NULL,
    revision   integer NOT NULL,
    content    text NOT NULL,
    created_at text NOT NULL,
    deleted_at text
);
CREATE INDEX chatflows_channel ON chatflows (channel_id);
CREATE UNIQUE INDEX chatflows_active ON chatflows (channel_id) WHERE active; -- the channel's primary one

CREATE TABLE chatflow_revisions (
    chatflow_id text NOT NULL REFERENCES chatflows,
    revision    integer NOT NULL,
    content     text NOT NULL,
    created_at  text NOT NULL,
    PRIMARY KEY (chatflow_id, revision)
);

-- Where an episode stands in its chatflow.
CREATE TABLE chatflow_runs (
    conversation_id text NOT NULL REFERENCES conversations,
    episode         integer NOT NULL,
    chatflow_id     text NOT NULL REFERENCES chatflows,
    revision        integer NOT NULL,
    step_id         text NOT NULL, -- waits for the contact
    tries           integer NOT NULL,
    turns           integer NOT NULL,
    answers         text NOT NULL,
    outcome         text NOT NULL,
    reason          text NOT NULL,
    last_message_id text NOT NULL, -- the contact's that was answered last
    said_before     integer NOT NULL, -- messages before that answer
    said            integer NOT NULL, -- messages with it
    created_at      text NOT NULL,
    PRIMARY KEY (conversation_id, episode)
);

-- +goose Down
DROP TABLE chatflow_runs;
DROP TABLE chatflow_revisions;
DROP TABLE chatflows;
