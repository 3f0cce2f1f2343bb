-- Ids are UUIDv7 as text, "" is none; COLLATE "C" makes their order that of their bytes, as on SQLite.
-- +goose Up
CREATE TABLE account (
    id                    smallint PRIMARY KEY CHECK (id = 1),
    name                  text NOT NULL,
    tickets_from_channels boolean NOT NULL,
    tickets_per_contact   integer NOT NULL,
    close_after_quiet     bigint NOT NULL -- nanoseconds
);
INSERT INTO account VALUES (1, '', true, 0, 0);

CREATE TABLE inboxes (
    id             text COLLATE "C" PRIMARY KEY,
    name           text NOT NULL,
    agent_capacity integer NOT NULL,
    created_at     timestamptz NOT NULL
);

CREATE TABLE agents (
    id               text COLLATE "C" PRIMARY KEY,
    name             text NOT NULL,
    email            text NOT NULL,
    admin            boolean NOT NULL,
    seat             boolean NOT NULL,
    availability     text NOT NULL,
    capacity         integer NOT NULL,
    hours            jsonb,
    inbox_ids        jsonb NOT NULL,
    last_assigned_at timestamptz,
    created_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX agents_email ON agents (lower(email));

CREATE TABLE agent_tokens (
    id         text COLLATE "C" PRIMARY KEY,
    agent_id   text COLLATE "C" NOT NULL REFERENCES agents,
    hash       text COLLATE "C" NOT NULL UNIQUE,
    label      text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX agent_tokens_agent ON agent_tokens (agent_id);

CREATE TABLE teams (
    id          text COLLATE "C" PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    alert_email text NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE TABLE team_members (
    team_id  text COLLATE "C" NOT NULL REFERENCES teams ON DELETE CASCADE,
    agent_id text COLLATE "C" NOT NULL REFERENCES agents,
    PRIMARY KEY (team_id, agent_id)
);
CREATE INDEX team_members_agent ON team_members (agent_id);

CREATE TABLE pipelines (
    id         text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    stages     jsonb NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE canned_replies (
    id         text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL,
    body_text  text NOT NULL,
    body_html  text NOT NULL,
    inbox_id   text COLLATE "C" NOT NULL, -- "" is all
    search     text NOT NULL, -- name and text in lower case
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX canned_replies_name ON canned_replies (lower(name));

CREATE TABLE channels (
    id         text COLLATE "C" PRIMARY KEY,
    inbox_id   text COLLATE "C" NOT NULL REFERENCES inboxes,
    kind       text NOT NULL,
    name       text NOT NULL,
    enabled    boolean NOT NULL,
    state      text NOT NULL,
    account    text NOT NULL,
    revision   integer NOT NULL,
    assignment jsonb NOT NULL,
    tickets    jsonb NOT NULL,
    settings   jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE INDEX channels_inbox ON channels (inbox_id);
CREATE UNIQUE INDEX channels_account ON channels (kind, account) WHERE account <> '' AND deleted_at IS NULL;

CREATE TABLE channel_revisions (
    channel_id text COLLATE "C" NOT NULL REFERENCES channels,
    revision   integer NOT NULL,
    assignment jsonb NOT NULL,
    tickets    jsonb NOT NULL,
    settings   jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (channel_id, revision)
);

CREATE TABLE contacts (
    id         text COLLATE "C" PRIMARY KEY,
    name       text NOT NULL,
    owner_id   text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE identities (
    kind       text COLLATE "C" NOT NULL,
    value      text COLLATE "C" NOT NULL,
    contact_id text COLLATE "C" NOT NULL REFERENCES contacts,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX identities_contact ON identities (contact_id);

-- Whole words of a contact's name and identities.
CREATE TABLE contact_terms (
    term       text COLLATE "C" NOT NULL,
    contact_id text COLLATE "C" NOT NULL REFERENCES contacts,
    PRIMARY KEY (term, contact_id)
);
CREATE INDEX contact_terms_contact ON contact_terms (contact_id);

CREATE TABLE conversations (
    id               text COLLATE "C" PRIMARY KEY,
    inbox_id         text COLLATE "C" NOT NULL REFERENCES inboxes,
    channel_id       text COLLATE "C" NOT NULL REFERENCES channels,
    channel_kind     text NOT NULL,
    thread_key       text COLLATE "C" NOT NULL,
    status           text COLLATE "C" NOT NULL,
    subject          text NOT NULL,
    contact_id       text COLLATE "C" NOT NULL,
    assignee_id      text COLLATE "C" NOT NULL,
    team_id          text COLLATE "C" NOT NULL,
    given_team_id    text COLLATE "C" NOT NULL, -- an agent gave it to this team: routing stays within
    previous_assignee_id text COLLATE "C" NOT NULL, -- had it before it reopened
    ticket_id        text COLLATE "C" NOT NULL,
    episode          integer NOT NULL,
    channel_revision integer NOT NULL,
    priority_rank    smallint NOT NULL, -- inbox.Priority.Rank
    window_state     text NOT NULL,
    window_closes_at timestamptz,
    passed_agent_ids jsonb NOT NULL,
    reply_to         text NOT NULL,
    tags             jsonb NOT NULL,
    decision         jsonb, -- the last assignment decision, and the key of the question it answered
    decision_key     text NOT NULL,
    answer_by        timestamptz, -- the assignee's deadline (B4)
    nudge_at         timestamptz, -- set by a claim on another's behalf until the workflow was told
    created_at       timestamptz NOT NULL,
    last_message_at  timestamptz NOT NULL,
    waiting_since    timestamptz,
    snoozed_until    timestamptz,
    closed_at        timestamptz
);
CREATE UNIQUE INDEX conversations_thread ON conversations (channel_id, thread_key);
CREATE INDEX conversations_contact ON conversations (contact_id, id);
-- The lists. A list without a status is the merge of one index range per status, so six indexes serve them all. They
-- are on expressions so that each list fits exactly one: given the choice, planners take the index of a larger list
-- and filter, or sort.
CREATE INDEX conversations_all ON conversations (status, last_message_at DESC, id DESC);
CREATE INDEX conversations_all_assignee ON conversations ((assignee_id || '/' || status), last_message_at DESC, id DESC);
CREATE INDEX conversations_inbox ON conversations ((inbox_id || '/' || status), last_message_at DESC, id DESC);
CREATE INDEX conversations_inbox_assignee ON conversations ((inbox_id || '/' || assignee_id || '/' || status), last_message_at DESC, id DESC);
CREATE INDEX conversations_channel ON conversations ((channel_id || '/' || status), last_message_at DESC, id DESC);
CREATE INDEX conversations_channel_assignee ON conversations ((channel_id || '/' || assignee_id || '/' || status), last_message_at DESC, id DESC);
-- What counts against capacity (B1). A query uses it only when it spells the condition out in the same literals.
CREATE INDEX conversations_active ON conversations (assignee_id, inbox_id) WHERE status IN ('open', 'waiting') AND assignee_id <> '';
CREATE INDEX conversations_nudge ON conversations (nudge_at) WHERE nudge_at IS NOT NULL;

-- The queue: one row for each agent or team that a waiting conversation may go to (B2).
CREATE TABLE queue_entries (
    conversation_id text COLLATE "C" NOT NULL REFERENCES conversations,
    target_id       text COLLATE "C" NOT NULL, -- an agent or a team; "" for the owner of a contact who has none
    by_owner        boolean NOT NULL, -- follows the contact's owner
    route           text COLLATE "C" NOT NULL, -- the channel at its revision
    place           text COLLATE "C" NOT NULL, -- sorts by priority, waiting since and id
    PRIMARY KEY (conversation_id, target_id, by_owner)
);
CREATE INDEX queue_entries_order ON queue_entries (target_id, route, place);

-- Whole words of a conversation's subject and its sender's name and address.
CREATE TABLE conversation_terms (
    term            text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL REFERENCES conversations,
    PRIMARY KEY (term, conversation_id)
);
CREATE INDEX conversation_terms_conversation ON conversation_terms (conversation_id);

CREATE TABLE messages (
    id                  text COLLATE "C" PRIMARY KEY,
    conversation_id     text COLLATE "C" NOT NULL REFERENCES conversations,
    channel_id          text COLLATE "C" NOT NULL REFERENCES channels,
    episode             integer NOT NULL,
    opened              boolean NOT NULL, -- began its episode
    direction           text NOT NULL,
    author_kind         text NOT NULL,
    author_id           text COLLATE "C" NOT NULL,
    sender              jsonb,
    body_text           text NOT NULL,
    body_html           text NOT NULL,
    fields              jsonb,
    state               text NOT NULL,
    error_code          text NOT NULL,
    provider_message_id text COLLATE "C" NOT NULL,
    client_id           text COLLATE "C" NOT NULL,
    created_at          timestamptz NOT NULL,
    dispatched_at       timestamptz
);
CREATE UNIQUE INDEX messages_provider ON messages (channel_id, provider_message_id);
CREATE UNIQUE INDEX messages_client ON messages (conversation_id, client_id) WHERE client_id <> '';
CREATE INDEX messages_conversation ON messages (conversation_id, id);
CREATE INDEX messages_undispatched ON messages (created_at) WHERE dispatched_at IS NULL;

-- The bytes, once per content.
CREATE TABLE blobs (
    digest text COLLATE "C" PRIMARY KEY,
    data   bytea NOT NULL
);

CREATE TABLE attachments (
    id           text COLLATE "C" PRIMARY KEY,
    message_id   text COLLATE "C" NOT NULL REFERENCES messages,
    name         text NOT NULL,
    content_type text NOT NULL,
    size         bigint NOT NULL,
    digest       text COLLATE "C" NOT NULL REFERENCES blobs
);
CREATE INDEX attachments_message ON attachments (message_id, id);
CREATE INDEX attachments_digest ON attachments (digest);

CREATE TABLE comments (
    id              text COLLATE "C" PRIMARY KEY,
    conversation_id text COLLATE "C" NOT NULL REFERENCES conversations,
    agent_id        text COLLATE "C" NOT NULL REFERENCES agents,
    body_text       text NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX comments_conversation ON comments (conversation_id, id);

CREATE TABLE tickets (
    id              text COLLATE "C" PRIMARY KEY,
    conversation_id text COLLATE "C" NOT NULL UNIQUE REFERENCES conversations,
    inbox_id        text COLLATE "C" NOT NULL REFERENCES inboxes,
    contact_id      text COLLATE "C" NOT NULL,
    pipeline_id     text COLLATE "C" NOT NULL REFERENCES pipelines,
    stage_id        text COLLATE "C" NOT NULL,
    priority        text NOT NULL,
    owner_id        text COLLATE "C" NOT NULL,
    name            text NOT NULL,
    description     text NOT NULL,
    properties      jsonb NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE INDEX tickets_contact ON tickets (contact_id, id);
CREATE INDEX tickets_inbox ON tickets (inbox_id, id);
CREATE INDEX tickets_owner ON tickets (owner_id, id);
CREATE INDEX tickets_stage ON tickets (pipeline_id, stage_id, id);

CREATE TABLE notices (
    id              text COLLATE "C" PRIMARY KEY,
    kind            text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL REFERENCES conversations,
    episode         integer NOT NULL,
    agent_id        text COLLATE "C" NOT NULL,
    team_id         text COLLATE "C" NOT NULL,
    state           text NOT NULL,
    error_code      text NOT NULL,
    message_id      text NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX notices_once ON notices (conversation_id, episode, kind, agent_id, team_id);
CREATE INDEX notices_recent ON notices (kind, team_id, created_at);

CREATE TABLE events (
    id              bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    conversation_id text COLLATE "C" NOT NULL,
    inbox_id        text COLLATE "C" NOT NULL,
    kind            text NOT NULL,
    actor_kind      text NOT NULL,
    actor_id        text COLLATE "C" NOT NULL,
    data            jsonb NOT NULL,
    at              timestamptz NOT NULL
);
CREATE INDEX events_conversation ON events (conversation_id, id);

CREATE TABLE quarantine (
    id             text COLLATE "C" PRIMARY KEY,
    channel_id     text COLLATE "C" NOT NULL,
    source         text NOT NULL,
    raw            bytea NOT NULL,
    error          text NOT NULL,
    created_at     timestamptz NOT NULL,
    reprocessed_at timestamptz
);

-- +goose Down
DROP TABLE quarantine, events, notices, tickets, comments, attachments, blobs, messages, conversation_terms,
    queue_entries, conversations, contact_terms, identities, contacts, channel_revisions, channels, canned_replies, pipelines,
    team_members, teams, agent_tokens, agents, inboxes, account;
