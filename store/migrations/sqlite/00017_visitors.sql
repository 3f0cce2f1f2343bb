-- Visitors of chats whose token was replaced, and the secrets with which websites vouch for them.
-- +goose Up
CREATE TABLE visitors (
    thread_key text PRIMARY KEY, -- of the first token, as conversations have it
    channel_id text NOT NULL REFERENCES channels,
    cookie     text NOT NULL, -- of the first token, as identities have it
    token      text NOT NULL, -- SHA-256 of the one that opens the thread
    offered    text, -- that of the next one, until it is used
    offered_at text,
    verified   text NOT NULL, -- digest of whom the website vouched for
    created_at text NOT NULL
);
CREATE UNIQUE INDEX visitors_token ON visitors (token);
CREATE UNIQUE INDEX visitors_offered ON visitors (offered) WHERE offered IS NOT NULL;
CREATE INDEX visitors_cookie ON visitors (cookie);

CREATE TABLE identity_secrets (
    id         text PRIMARY KEY,
    channel_id text NOT NULL REFERENCES channels,
    sealed     blob NOT NULL,
    created_at text NOT NULL
);
CREATE INDEX identity_secrets_channel ON identity_secrets (channel_id, id);

-- +goose Down
DROP TABLE identity_secrets;
DROP TABLE visitors;
