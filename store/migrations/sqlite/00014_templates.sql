-- The message templates that providers approved, as they last said.
-- +goose Up
CREATE TABLE template_lists (
    kind       text PRIMARY KEY, -- of channel
    templates  text NOT NULL,
    fetched_at text, -- when the provider said so
    failed_at  text, -- when it was asked in vain since
    failure    text NOT NULL DEFAULT '',
    next_at    text NOT NULL -- when it is asked again
);

-- +goose Down
DROP TABLE template_lists;
