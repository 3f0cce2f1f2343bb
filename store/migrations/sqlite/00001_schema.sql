-- Ids are UUIDv7 as text, "" is none. Times are text in UTC with six digits of a second, so that they sort.
-- +goose Up
CREATE TABLE account (
    id                    integer PRIMARY KEY CHECK (id = 1),
    name                  text NOT NULL,
    tickets_from_channels boolean NOT NULL,
    tickets_per_contact   integer NOT NULL,
    close_after_quiet     integer NOT NULL -- nanoseconds
);
INSERT INTO account VALUES (1, '', true, 0, 0);

CREATE TABLE inboxes (
    id             text PRIMARY KEY,
    name           text NOT NULL,
    agent_capacity integer NOT NULL,
    created_at     text NOT NULL
);

CREATE TABLE agents (
    id               text PRIMARY KEY,
    name             text NOT NULL,
    email            text NOT NULL,
    admin            boolean NOT NULL,
    seat             boolean NOT NULL,
    availability     text NOT NULL,
    capacity         integer NOT NULL,
    hours            text,
    inbox_ids        text NOT NULL,
    last_assigned_at text,
    created_at       text NOT NULL
);
CREATE UNIQUE INDEX agents_email ON agents (lower(email));

CREATE TABLE agent_tokens (
    id         text PRIMARY KEY,
    agent_id   text NOT NULL REFERENCES agents,
    hash       text NOT NULL UNIQUE,
    label      text NOT NULL,
    created_at text NOT NULL
);
CREATE INDEX agent_tokens_agent ON agent_tokens (agent_id);

CREATE TABLE teams (
    id          text PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    alert_email text NOT NULL,
    created_at  text NOT NULL
);

CREATE TABLE team_members (
    team_id  text NOT NULL REFERENCES teams ON DELETE CASCADE,
    agent_id text NOT NULL REFERENCES agents,
    PRIMARY KEY (team_id, agent_id)
);
CREATE INDEX team_members_agent ON team_members (agent_id);

CREATE TABLE pipelines (
    id         text PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    stages     text NOT NULL,
    created_at text NOT NULL
);

CREATE TABLE canned_replies (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    body_text  text NOT NULL,
    body_html  text NOT NULL,
    inbox_id   text NOT NULL, -- "" is all
    search     text NOT NULL, -- name and text in lower case
    created_at text NOT NULL
);
CREATE UNIQUE INDEX canned_replies_name ON canned_replies (lower(name));

CREATE TABLE channels (
    id         text PRIMARY KEY,
    inbox_id   text NOT NULL REFERENCES inboxes,
    kind       text NOT NULL,
    name       text NOT NULL,
    enabled    boolean NOT NULL,
    state      text NOT NULL,
    account    text NOT NULL,
    revision   integer NOT NULL,
    assignment text NOT NULL,
    tickets    text NOT NULL,
    settings   text NOT NULL,
    created_at text NOT NULL,
    deleted_at text
);
CREATE INDEX channels_inbox ON channels (inbox_id);
CREATE UNIQUE INDEX channels_account ON channels (kind, account) WHERE account <> '' AND deleted_at IS NULL;

CREATE TABLE channel_revisions (
    channel_id text NOT NULL REFERENCES channels,
    revision   integer NOT NULL,
    assignment text NOT NULL,
    tickets    text NOT NULL,
    settings   text NOT NULL,
    created_at text NOT NULL,
    PRIMARY KEY (channel_id, revision)
);

CREATE TABLE contacts (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    owner_id   text NOT NULL,
    created_at text NOT NULL
);

CREATE TABLE identities (
    kind       text NOT NULL,
    value      text NOT NULL,
    contact_id text NOT NULL REFERENCES contacts,
    created_at text NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX identities_contact ON identities (contact_id);

-- Whole words of a contact's name and identities.
CREATE TABLE contact_terms (
    term       text NOT NULL,
    contact_id text NOT NULL REFERENCES contacts,
    PRIMARY KEY (term, contact_id)
);
CREATE INDEX contact_terms_contact ON contact_terms (contact_id);

CREATE TABLE conversations (
    id               text PRIMARY KEY,
    inbox_id         text NOT NULL REFERENCES inboxes,
    channel_id       text NOT NULL REFERENCES channels,
    channel_kind     text NOT NULL,
    thread_key       text NOT NULL,
    status           text NOT NULL,
    subject          text NOT NULL,
    contact_id       text NOT NULL,
    assignee_id      text NOT NULL,
    team_id          text NOT NULL,
    given_team_id    text NOT NULL, -- an agent gave it to this team: routing stays within
    previous_assignee_id text NOT NULL, -- had it before it reopened
    ticket_id        text NOT NULL,
    episode          integer NOT NULL,
    channel_revision integer NOT NULL,
    priority_rank    integer NOT NULL, -- inbox.Priority.Rank
    window_state     text NOT NULL,
    window_closes_at text,
    passed_agent_ids text NOT NULL,
    reply_to         text NOT NULL,
    tags             text NOT NULL,
    decision         text, -- the last assignment decision, and the key of the question it answered
    decision_key     text NOT NULL,
    answer_by        text, -- the assignee's deadline (B4)
    nudge_at         text, -- set by a claim on another's behalf until the workflow was told
    created_at       text NOT NULL,
    last_message_at  text NOT NULL,
    waiting_since    text,
    snoozed_until    text,
    closed_at        text
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
    conversation_id text NOT NULL REFERENCES conversations,
    target_id       text NOT NULL, -- an agent or a team; "" for the owner of a contact who has none
    by_owner        boolean NOT NULL, -- follows the contact's owner
    route           text NOT NULL, -- the channel at its revision
    place           text NOT NULL, -- sorts by priority, waiting since and id
    PRIMARY KEY (conversation_id, target_id, by_owner)
);
CREATE INDEX queue_entries_order ON queue_entries (target_id, route, place);

-- Whole words of a conversation's subject and its sender's name and address.
CREATE TABLE conversation_terms (
    term            text NOT NULL,
    conversation_id text NOT NULL REFERENCES conversations,
    PRIMARY KEY (term, conversation_id)
);
CREATE INDEX conversation_terms_conversation ON conversation_terms (conversation_id);

CREATE TABLE messages (
    id                  text PRIMARY KEY,
    conversation_id     text NOT NULL REFERENCES conversations,
    channel_id          text NOT NULL REFERENCES channels,
    episode             integer NOT NULL,
    opened              boolean NOT NULL, -- began its episode
    direction           text NOT NULL,
    author_kind         text NOT NULL,
    author_id           text NOT NULL,
    sender              text,
    body_text           text NOT NULL,
    body_html           text NOT NULL,
    fields              text,
    state               text NOT NULL,
    error_code          text NOT NULL,
    provider_message_id text NOT NULL,
    client_id           text NOT NULL,
    created_at          text NOT NULL,
    dispatched_at       text
);
CREATE UNIQUE INDEX messages_provider ON messages (channel_id, provider_message_id);
CREATE UNIQUE INDEX messages_client ON messages (conversation_id, client_id) WHERE client_id <> '';
CREATE INDEX messages_conversation ON messages (conversation_id, id);
CREATE INDEX messages_undispatched ON messages (created_at) WHERE dispatched_at IS NULL;

-- The bytes, once per content.
CREATE TABLE blobs (
    digest text PRIMARY KEY,
    data   blob NOT NULL
);

CREATE TABLE attachments (
    id           text PRIMARY KEY,
    message_id   text NOT NULL REFERENCES messages,
    name         text NOT NULL,
    content_type text NOT NULL,
    size         integer NOT NULL,
    digest       text NOT NULL REFERENCES blobs
);
CREATE INDEX attachments_message ON attachments (message_id, id);
CREATE INDEX attachments_digest ON attachments (digest);

CREATE TABLE comments (
    id              text PRIMARY KEY,
    conversation_id text NOT NULL REFERENCES conversations,
    agent_id        text NOT NULL REFERENCES agents,
    body_text       text NOT NULL,
    created_at      text NOT NULL
);
CREATE INDEX comments_conversation ON comments (conversation_id, id);

CREATE TABLE tickets (
    id              text PRIMARY KEY,
    conversation_id text NOT NULL UNIQUE REFERENCES conversations,
    inbox_id        text NOT NULL REFERENCES inboxes,
    contact_id      text NOT NULL,
    pipeline_id     text NOT NULL REFERENCES pipelines,
    stage_id        text NOT NULL,
    priority        text NOT NULL,
    owner_id        text NOT NULL,
    name            text NOT NULL,
    description     text NOT NULL,
    properties      text NOT NULL,
    created_at      text NOT NULL,
    updated_at      text NOT NULL
);
CREATE INDEX tickets_contact ON tickets (contact_id, id);
CREATE INDEX tickets_inbox ON tickets (inbox_id, id);
CREATE INDEX tickets_owner ON tickets (owner_id, id);
CREATE INDEX tickets_stage ON tickets (pipeline_id, stage_id, id);

CREATE TABLE notices (
    id              text PRIMARY KEY,
    kind            text NOT NULL,
    conversation_id text NOT NULL REFERENCES conversations,
    episode         integer NOT NULL,
    agent_id        text NOT NULL,
    team_id         text NOT NULL,
    state           text NOT NULL,
    error_code      text NOT NULL,
    message_id      text NOT NULL,
    created_at      text NOT NULL
);
CREATE UNIQUE INDEX notices_once ON notices (conversation_id, episode, kind, agent_id, team_id);
CREATE INDEX notices_recent ON notices (kind, team_id, created_at);

CREATE TABLE events (
    id              integer PRIMARY KEY AUTOINCREMENT,
    conversation_id text NOT NULL,
    inbox_id        text NOT NULL,
    kind            text NOT NULL,
    actor_kind      text NOT NULL,
    actor_id        text NOT NULL,
    data            text NOT NULL,
    at              text NOT NULL
);
CREATE INDEX events_conversation ON events (conversation_id, id);

CREATE TABLE quarantine (
    id             text PRIMARY KEY,
    channel_id     text NOT NULL,
    source         text NOT NULL,
    raw            blob NOT NULL,
    error          text NOT NULL,
    created_at     text NOT NULL,
    reprocessed_at text
);

-- +goose Down
DROP TABLE quarantine;
DROP TABLE events;
DROP TABLE notices;
DROP TABLE tickets;
DROP TABLE comments;
DROP TABLE attachments;
DROP TABLE blobs;
DROP TABLE messages;
DROP TABLE conversation_terms;
DROP TABLE queue_entries;
DROP TABLE conversations;
DROP TABLE contact_terms;
DROP TABLE identities;
DROP TABLE contacts;
DROP TABLE channel_revisions;
DROP TABLE channels;
DROP TABLE canned_replies;
DROP TABLE pipelines;
DROP TABLE team_members;
DROP TABLE teams;
DROP TABLE agent_tokens;
DROP TABLE agents;
DROP TABLE inboxes;
DROP TABLE account;
