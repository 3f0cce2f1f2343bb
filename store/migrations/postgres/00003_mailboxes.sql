-- Connected mailboxes, and connecting by OAuth.
-- +goose Up
CREATE TABLE mailboxes (
    channel_id    text COLLATE "C" PRIMARY KEY REFERENCES channels,
    connection_id text COLLATE "C" NOT NULL, -- another one with another account
    provider      text NOT NULL,
    address       text NOT NULL,
    credentials   bytea NOT NULL, -- sealed
    version       integer NOT NULL, -- grows with every change of the credentials
    cursor        text NOT NULL, -- up to where it was read, in the provider's words
    connected_by  text COLLATE "C" NOT NULL,
    connected_at  timestamptz NOT NULL,
    checked_at    timestamptz, -- last time that everything new was read
    failing_since timestamptz,
    problem       text NOT NULL, -- a code
    told_at       timestamptz -- the admins were told that it was rejected
);

CREATE TABLE oauth_states (
    hash       text COLLATE "C" PRIMARY KEY,
    channel_id text COLLATE "C" NOT NULL,
    agent_id   text COLLATE "C" NOT NULL,
    provider   text NOT NULL,
    verifier   bytea NOT NULL, -- sealed
    expires_at timestamptz NOT NULL
);
CREATE INDEX oauth_states_expires ON oauth_states (expires_at);

-- +goose Down
DROP TABLE oauth_states;
DROP TABLE mailboxes;
