-- The message templates that providers approved, as they last said.
-- +goose Up
CREATE TABLE template_lists (
    kind       text PRIMARY KEY, -- of channel
    templates  jsonb NOT NULL,
    fetched_at timestamptz, -- when the provider said so
    failed_at  timestamptz, -- when it was asked in vain since
    failure    text NOT NULL DEFAULT '',
    next_at    timestamptz NOT NULL -- when it is asked again
);

-- +goose Down
DROP TABLE template_lists;
