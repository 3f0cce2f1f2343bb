-- Facebook pages that Messenger channels are connected to, and messages in the order of the provider's clock.
-- +goose Up
CREATE INDEX messages_written ON messages (conversation_id, created_at, id);

CREATE TABLE pages (
    channel_id    text COLLATE "C" PRIMARY KEY REFERENCES channels,
    page_id       text NOT NULL,
    name          text NOT NULL,
    credentials   bytea NOT NULL, -- sealed
    version       integer NOT NULL, -- of the credentials
    connected_by  text COLLATE "C" NOT NULL,
    connected_at  timestamptz NOT NULL,
    checked_at    timestamptz, -- when its subscription was there and its profile was set
    profile       text NOT NULL DEFAULT '', -- digest of the profile that was set
    problem       text NOT NULL DEFAULT '',
    failing_since timestamptz,
    told_at       timestamptz -- the admins, of a rejection
);

-- Pages that a person let us into and one of which is still to be chosen.
CREATE TABLE page_offers (
    channel_id text COLLATE "C" PRIMARY KEY REFERENCES channels,
    agent_id   text COLLATE "C" NOT NULL,
    pages      bytea NOT NULL, -- sealed
    expires_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE page_offers;
DROP TABLE pages;
DROP INDEX messages_written;
