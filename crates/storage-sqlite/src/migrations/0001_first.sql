-- The first schema. Instants are microseconds since 1970-01-01 UTC; ids are 16-byte blobs.
--
-- Rows are appended under an integer key: a row clustered by organization would dirty a page of its
-- own for every write. Every index whose inserts scatter costs a page a row, so there are few.

CREATE TABLE organizations (
    row        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    revision   INTEGER NOT NULL,
    name       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    settings   TEXT    NOT NULL
);

CREATE TABLE api_keys (
    row            INTEGER PRIMARY KEY,
    id             BLOB    NOT NULL UNIQUE,
    organization   BLOB    NOT NULL,
    revision       INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    hash           BLOB    NOT NULL UNIQUE,
    prefix         TEXT    NOT NULL,
    authentication TEXT    NOT NULL,
    proof          TEXT,
    scopes         TEXT    NOT NULL, -- JSON array
    created_at     INTEGER NOT NULL,
    last_used_at   INTEGER,
    revoked_at     INTEGER
);
CREATE INDEX api_keys_by_organization ON api_keys (organization);

-- What filters ask stands before the document, the record last: SQLite reads a row's pages from the
-- front, and lists and GETs stop before the record.
CREATE TABLE trackings (
    row                 INTEGER PRIMARY KEY,
    key                 BLOB    NOT NULL,
    organization        BLOB    NOT NULL,
    revision            INTEGER NOT NULL,
    slug                TEXT    NOT NULL,
    tag                 TEXT    NOT NULL,
    order_id            TEXT,
    sub_status          TEXT    NOT NULL,
    active              INTEGER NOT NULL,
    return_to_sender    INTEGER NOT NULL,
    origin              TEXT,
    destination         TEXT,
    courier_destination TEXT,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    shipment_tags       TEXT    NOT NULL, -- JSON array, empty text for none
    clock               TEXT    NOT NULL, -- ClockFacts as JSON
    number              TEXT    NOT NULL,
    own_id              TEXT,
    document            TEXT    NOT NULL,
    record              TEXT    NOT NULL
);
-- Keys are time-ordered: this index is appended to, too.
CREATE UNIQUE INDEX trackings_by_key ON trackings (key);
-- Few leading values with a time-ordered tail. A list without a tag merges the tags' entries, which
-- spares an index by (organization, key).
CREATE INDEX trackings_by_tag ON trackings (organization, tag, key);
CREATE INDEX trackings_by_slug ON trackings (organization, slug, key);
CREATE INDEX trackings_by_order ON trackings (organization, order_id, key) WHERE order_id IS NOT NULL;

-- Kept counters, for totals above what is counted one by one.
CREATE TABLE tracking_counts (
    organization BLOB    NOT NULL,
    tag          TEXT    NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (organization, tag)
) WITHOUT ROWID;

-- Numbers (kind 0) and callers' own ids (kind 1). The hash of (organization, kind, name) leads, the
-- columns are compared on a hit; the whole key is the uniqueness of a full name.
CREATE TABLE names (
    hash          INTEGER NOT NULL,
    organization  BLOB    NOT NULL,
    kind          INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    slug          TEXT    NOT NULL,
    discriminator TEXT    NOT NULL,
    tracking      BLOB    NOT NULL,
    PRIMARY KEY (hash, organization, kind, name, slug, discriminator)
) WITHOUT ROWID;
-- Names are made with their tracking, so this is appended to, too.
CREATE INDEX names_by_tracking ON names (tracking);

-- One leg's state: the key is the tracking's row times eight plus the leg.
CREATE TABLE polls (
    leg           INTEGER PRIMARY KEY,
    revision      INTEGER NOT NULL,
    slug          TEXT    NOT NULL,
    number        TEXT    NOT NULL,
    next_check_at INTEGER,
    checked_at    INTEGER,
    answered_at   INTEGER,
    outcome       TEXT,
    reason        TEXT    NOT NULL,
    tracked_count INTEGER NOT NULL,
    failures      INTEGER NOT NULL,
    last_attempt  INTEGER -- row of the newest attempt
);

-- Attempts hang together by the row before, newest first: no index that every poll would scatter.
CREATE TABLE poll_attempts (
    row             INTEGER PRIMARY KEY,
    leg             INTEGER NOT NULL, -- as in polls
    tracking        BLOB    NOT NULL,
    previous        INTEGER,          -- row of the attempt before
    slug            TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    outcome         TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    http_status     INTEGER,
    latency_ms      INTEGER NOT NULL,
    new_checkpoints INTEGER NOT NULL,
    excerpt         TEXT
);

CREATE TABLE poll_counts (
    day     INTEGER NOT NULL, -- since 1970-01-01, UTC
    slug    TEXT    NOT NULL,
    outcome TEXT    NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (day, slug, outcome)
) WITHOUT ROWID;

CREATE TABLE events (
    row          INTEGER PRIMARY KEY,
    organization BLOB    NOT NULL,
    sequence     INTEGER NOT NULL,
    id           BLOB    NOT NULL,
    kind         TEXT    NOT NULL,
    tracking     BLOB    NOT NULL,
    tag          TEXT,
    at           INTEGER NOT NULL,
    body         TEXT    NOT NULL
);
CREATE UNIQUE INDEX events_by_sequence ON events (organization, sequence);

CREATE TABLE webhooks (
    row             INTEGER PRIMARY KEY,
    organization    BLOB    NOT NULL,
    id              BLOB    NOT NULL UNIQUE,
    revision        INTEGER NOT NULL,
    document        TEXT    NOT NULL,
    last_success_at INTEGER,
    failing_since   INTEGER
);
CREATE INDEX webhooks_by_organization ON webhooks (organization);

CREATE TABLE deliveries (
    row                   INTEGER PRIMARY KEY,
    organization          BLOB    NOT NULL,
    id                    BLOB    NOT NULL,
    revision              INTEGER NOT NULL,
    webhook               BLOB    NOT NULL,
    tracking              BLOB    NOT NULL,
    sequence              INTEGER NOT NULL,
    event                 BLOB    NOT NULL,
    status                TEXT    NOT NULL,
    attempts              INTEGER NOT NULL,
    tried                 INTEGER NOT NULL, -- whether attempts > 0, for the index
    refused_while_healthy INTEGER NOT NULL,
    left_lane             INTEGER NOT NULL,
    next_attempt_at       INTEGER,
    last_attempt_at       INTEGER,
    created_at            INTEGER NOT NULL
);
CREATE UNIQUE INDEX deliveries_by_id ON deliveries (organization, id);
-- Pending ones are few: these indexes stay small however many deliveries are kept.
CREATE INDEX deliveries_pending_by_lane ON deliveries (webhook, tracking, sequence)
    WHERE status = 'pending';
CREATE INDEX deliveries_pending_by_webhook ON deliveries (webhook, tried, sequence)
    WHERE status = 'pending';

CREATE TABLE delivery_attempts (
    delivery    INTEGER NOT NULL, -- row of the delivery
    attempt     INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    http_status INTEGER,
    latency_ms  INTEGER NOT NULL,
    error       TEXT    NOT NULL,
    answer      TEXT    NOT NULL,
    PRIMARY KEY (delivery, attempt)
) WITHOUT ROWID;

-- A job stands at its place: its kind and the minute it comes due. Claiming moves it to the minute
-- its lease ends, so that a lease that ran out needs no second mechanism.
CREATE TABLE job_kinds (
    number INTEGER PRIMARY KEY,
    kind   TEXT    NOT NULL UNIQUE
);
CREATE TABLE jobs (
    place        INTEGER NOT NULL,
    key          INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    organization BLOB    NOT NULL,
    lease        INTEGER NOT NULL, -- grows with every claim, renewal and putting off
    attempts     INTEGER NOT NULL, -- claims so far
    payload      TEXT    NOT NULL,
    PRIMARY KEY (place, key)
) WITHOUT ROWID;
CREATE TABLE job_keys (last INTEGER NOT NULL);
INSERT INTO job_keys (last) VALUES (0);

CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) WITHOUT ROWID;
