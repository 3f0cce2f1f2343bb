-- Connected mailboxes, and connecting by OAuth.
-- +goose Up
CREATE TABLE mailboxes (
    channel_id    text PRIMARY KEY REFERENCES channels,
    connection_id text NOT NULL, -- another one with another account
    provider      text NOT NULL,
    address       text NOT NULL,
    credentials   blob NOT NULL, -- sealed
    version       integer NOT NULL, -- grows with every change of the credentials
    cursor        text NOT NULL, -- up to where it was read, in the provider's words
    connected_by  text NOT NULL,
    connected_at  text NOT NULL,
    checked_at    text, -- last time that everything new was read
    failing_since text,
    problem       text NOT NULL, -- a code
    told_at       text -- the admins were told that it was rejected
);

CREATE TABLE oauth_states (
    hash       text PRIMARY KEY,
    channel_id text NOT NULL,
    agent_id   text NOT NULL,
    provider   text NOT NULL,
    verifier   blob NOT NULL, -- sealed
    expires_at text NOT NULL
);
CREATE INDEX oauth_states_expires ON oauth_states (expires_at);

-- +goose Down
DROP TABLE oauth_states;
DROP TABLE mailboxes;
