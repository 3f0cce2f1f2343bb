-- The messages that a provider takes one answer as, such as its text and each of its files.
-- +goose Up
CREATE TABLE message_parts (
    message_id          text NOT NULL REFERENCES messages,
    number              integer NOT NULL, -- from 1
    parts               integer NOT NULL, -- how many there are in all
    sent                boolean NOT NULL, -- otherwise it may have been
    provider_message_id text NOT NULL,
    PRIMARY KEY (message_id, number)
);

-- +goose Down
DROP TABLE message_parts;
