-- What contacts agreed to, what is held back until they do, and merges of contacts. New columns have defaults: the
-- version before writes rows without them.
-- +goose Up
ALTER TABLE conversations ADD COLUMN awaits_consent boolean NOT NULL DEFAULT false; -- in this episode
ALTER TABLE messages ADD COLUMN sealed bytea; -- what the contact wrote before agreeing
ALTER TABLE messages ADD COLUMN sealed_until timestamptz;
CREATE INDEX messages_sealed ON messages (sealed_until) WHERE sealed_until IS NOT NULL;

CREATE TABLE consent_wordings (
    digest     text COLLATE "C" PRIMARY KEY, -- SHA-256 of the text
    body_text  text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE consents (
    id              text COLLATE "C" PRIMARY KEY,
    contact_id      text COLLATE "C" NOT NULL REFERENCES contacts,
    channel_id      text COLLATE "C" NOT NULL REFERENCES channels,
    conversation_id text COLLATE "C" NOT NULL REFERENCES conversations,
    message_id      text COLLATE "C" NOT NULL, -- by which the contact agreed, or which told the contact
    mode            text NOT NULL,
    wording         text COLLATE "C" NOT NULL REFERENCES consent_wordings,
    created_at      timestamptz NOT NULL
);
CREATE INDEX consents_contact ON consents (contact_id, channel_id);

-- Pairs of contacts that may be one person; either may be merged away since.
CREATE TABLE merge_suggestions (
    contact_id text COLLATE "C" NOT NULL, -- gave an address of the other's
    other_id   text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (contact_id, other_id)
);
CREATE INDEX merge_suggestions_other ON merge_suggestions (other_id);

CREATE TABLE merges (
    id         text COLLATE "C" PRIMARY KEY,
    contact_id text COLLATE "C" NOT NULL REFERENCES contacts, -- has everything now
    merged_id  text COLLATE "C" NOT NULL, -- is gone, as it was:
    name       text NOT NULL,
    owner_id   text NOT NULL,
    since      timestamptz NOT NULL,
    gave_name  boolean NOT NULL, -- the other one had none
    gave_owner boolean NOT NULL,
    actor_kind text NOT NULL,
    actor_id   text NOT NULL,
    created_at timestamptz NOT NULL,
    undone_at  timestamptz
);
CREATE INDEX merges_contact ON merges (contact_id, id);
CREATE INDEX merges_merged ON merges (merged_id);

-- What a merge moved.
CREATE TABLE merge_parts (
    merge_id text COLLATE "C" NOT NULL REFERENCES merges ON DELETE CASCADE,
    kind     text COLLATE "C" NOT NULL, -- identity, conversation, message, consent, merge
    part_id  text COLLATE "C" NOT NULL,
    PRIMARY KEY (merge_id, kind, part_id)
);

-- +goose Down
DROP TABLE merge_parts;
DROP TABLE merges;
DROP TABLE merge_suggestions;
DROP TABLE consents;
DROP TABLE consent_wordings;
DROP INDEX messages_sealed;
ALTER TABLE messages DROP COLUMN sealed_until;
ALTER TABLE messages DROP COLUMN sealed;
ALTER TABLE conversations DROP COLUMN awaits_consent;
