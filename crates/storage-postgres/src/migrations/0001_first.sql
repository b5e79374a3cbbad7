-- The first schema. Instants are microseconds since 1970-01-01 UTC. Documents are text: what was
-- written comes back to the letter. Texts compare by their bytes.
--
-- Every key but those of the directory begins with the shard, a number made from the organization,
-- so that the tables can be spread over servers by it.
--
-- Where a table has other indexes its primary key is made last: of two indexes that a planner without
-- statistics thinks equal it takes the newer.

-- The directory: small tables that no organization leads.

CREATE TABLE organizations (
    id         uuid   PRIMARY KEY,
    revision   bigint NOT NULL,
    name       text   COLLATE "C" NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    settings   text   NOT NULL
);

CREATE TABLE api_keys (
    id             uuid   PRIMARY KEY,
    organization   uuid   NOT NULL,
    revision       bigint NOT NULL,
    name           text   NOT NULL,
    hash           bytea  NOT NULL UNIQUE,
    prefix         text   NOT NULL,
    authentication text   NOT NULL,
    proof          text,
    scopes         text   NOT NULL, -- JSON array
    created_at     bigint NOT NULL,
    last_used_at   bigint,
    revoked_at     bigint
);
CREATE INDEX api_keys_by_organization ON api_keys (organization, created_at, id);

CREATE TABLE schedules (
    name text   COLLATE "C" PRIMARY KEY,
    next bigint NOT NULL
);

-- What all nodes must share and none may make twice, such as the key that secrets are sealed with.
CREATE TABLE shared_secrets (
    name  text  COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

-- Numbers that are given once and never again: of jobs, and of the lines of logs. A connection takes
-- so many at once.
CREATE SEQUENCE numbers INCREMENT BY 1000;

-- Every shard. Statements that write many rows join it, so that they name the shards they write to.
CREATE TABLE shards (
    shard smallint PRIMARY KEY
);
INSERT INTO shards (shard) SELECT generate_series(0, 255);

-- Trackings and what hangs on them.

CREATE TABLE trackings (
    shard               smallint NOT NULL,
    organization        uuid     NOT NULL,
    key                 uuid     NOT NULL,
    revision            bigint   NOT NULL,
    slug                text     COLLATE "C" NOT NULL,
    tag                 text     COLLATE "C" NOT NULL,
    order_id            text     COLLATE "C",
    sub_status          text     NOT NULL,
    active              boolean  NOT NULL,
    return_to_sender    boolean  NOT NULL,
    origin              text,
    destination         text,
    courier_destination text,
    created_at          bigint   NOT NULL,
    updated_at          bigint   NOT NULL,
    shipment_tags       text     NOT NULL, -- JSON array, empty text for none
    clock               text     NOT NULL, -- ClockFacts as JSON
    number              text     NOT NULL,
    own_id              text,
    document            text     NOT NULL,
    record              text     NOT NULL
);
CREATE INDEX trackings_by_tag ON trackings (shard, organization, tag, key);
CREATE INDEX trackings_by_slug ON trackings (shard, organization, slug, key);
-- An entry of an index has room for some 2,700 bytes; the rest of a long order is compared on a hit.
CREATE INDEX trackings_by_order ON trackings (shard, organization, left(order_id, 200), key)
    WHERE order_id IS NOT NULL;
ALTER TABLE trackings ADD PRIMARY KEY (shard, organization, key);

-- Kept counters, for totals above what is counted one by one.
CREATE TABLE tracking_counts (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    tag          text     COLLATE "C" NOT NULL,
    count        bigint   NOT NULL,
    PRIMARY KEY (shard, organization, tag)
) WITH (fillfactor = 50);

-- Numbers (kind 0) and callers' own ids (kind 1).
CREATE TABLE names (
    shard         smallint NOT NULL,
    organization  uuid     NOT NULL,
    kind          smallint NOT NULL,
    name          text     COLLATE "C" NOT NULL,
    slug          text     COLLATE "C" NOT NULL,
    discriminator text     COLLATE "C" NOT NULL,
    tracking      uuid     NOT NULL
);
CREATE INDEX names_by_tracking ON names (shard, organization, tracking);
ALTER TABLE names ADD PRIMARY KEY (shard, organization, kind, name, slug, discriminator);

-- Changes with every asking; no changing column is indexed, so that a page takes the new version of
-- a row beside the old one.
CREATE TABLE polls (
    shard         smallint NOT NULL,
    organization  uuid     NOT NULL,
    tracking      uuid     NOT NULL,
    leg           smallint NOT NULL,
    revision      bigint   NOT NULL,
    slug          text     NOT NULL,
    number        text     NOT NULL,
    next_check_at bigint,
    checked_at    bigint,
    answered_at   bigint,
    outcome       text,
    reason        text     NOT NULL,
    tracked_count bigint   NOT NULL,
    failures      bigint   NOT NULL,
    PRIMARY KEY (shard, organization, tracking, leg)
) WITH (fillfactor = 80);

-- Logs are filed by the week, counted from 1970-01-01: a table for each, made when its first row is
-- about to come and dropped when all in it is old.
CREATE TABLE poll_attempts (
    shard           smallint NOT NULL,
    organization    uuid     NOT NULL,
    tracking        uuid     NOT NULL,
    week            integer  NOT NULL,
    at              bigint   NOT NULL,
    number          bigint   NOT NULL,
    leg             smallint NOT NULL,
    slug            text     NOT NULL,
    outcome         text     NOT NULL,
    reason          text     NOT NULL,
    http_status     bigint,
    latency_ms      bigint   NOT NULL,
    new_checkpoints bigint   NOT NULL,
    excerpt         text,
    PRIMARY KEY (shard, organization, tracking, at, number, week)
) PARTITION BY RANGE (week);

-- Kept per shard, so that writers of different shards do not wait for each other; summed when read.
CREATE TABLE poll_counts (
    shard   smallint NOT NULL,
    day     bigint   NOT NULL, -- since 1970-01-01, UTC
    slug    text     COLLATE "C" NOT NULL,
    outcome text     COLLATE "C" NOT NULL,
    count   bigint   NOT NULL,
    PRIMARY KEY (shard, day, slug, outcome)
) WITH (fillfactor = 50);

-- Events, webhooks, deliveries.

-- The last number given: the row is locked from then to the commit, so that numbers become visible
-- in their order, whoever writes.
CREATE TABLE event_counters (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    last         bigint   NOT NULL,
    PRIMARY KEY (shard, organization)
) WITH (fillfactor = 50);

-- An event whose delivery is still pending when its week is dropped is filed under a later one.
CREATE TABLE events (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    sequence     bigint   NOT NULL,
    week         integer  NOT NULL,
    id           uuid     NOT NULL,
    kind         text     NOT NULL,
    tracking     uuid     NOT NULL,
    tag          text,
    at           bigint   NOT NULL,
    body         text     NOT NULL,
    PRIMARY KEY (shard, organization, sequence, week)
) PARTITION BY RANGE (week);

CREATE TABLE webhooks (
    shard           smallint NOT NULL,
    organization    uuid     NOT NULL,
    id              uuid     NOT NULL,
    revision        bigint   NOT NULL,
    document        text     NOT NULL,
    last_success_at bigint,
    failing_since   bigint,
    PRIMARY KEY (shard, organization, id)
) WITH (fillfactor = 50);

CREATE TABLE deliveries (
    shard                 smallint NOT NULL,
    organization          uuid     NOT NULL,
    id                    uuid     NOT NULL,
    revision              bigint   NOT NULL,
    webhook               uuid     NOT NULL,
    tracking              uuid     NOT NULL,
    sequence              bigint   NOT NULL,
    event                 uuid     NOT NULL,
    status                text     NOT NULL,
    attempts              bigint   NOT NULL,
    tried                 boolean  NOT NULL, -- whether attempts > 0, for the index
    refused_while_healthy bigint   NOT NULL,
    left_lane             boolean  NOT NULL,
    next_attempt_at       bigint,
    last_attempt_at       bigint,
    created_at            bigint   NOT NULL
);
-- Pending ones are few: these indexes stay small however many deliveries are kept.
CREATE INDEX deliveries_pending_by_lane ON deliveries (shard, organization, tracking, webhook, sequence, id)
    WHERE status = 'pending';
CREATE INDEX deliveries_pending_by_webhook ON deliveries (shard, organization, webhook, tried, sequence, id)
    WHERE status = 'pending';
CREATE INDEX deliveries_finished_by_age ON deliveries (shard, created_at) WHERE status <> 'pending';
ALTER TABLE deliveries ADD PRIMARY KEY (shard, organization, id);

CREATE TABLE delivery_attempts (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    delivery     uuid     NOT NULL,
    attempt      bigint   NOT NULL,
    week         integer  NOT NULL,
    at           bigint   NOT NULL,
    http_status  bigint,
    latency_ms   bigint   NOT NULL,
    error        text     NOT NULL,
    answer       text     NOT NULL,
    PRIMARY KEY (shard, organization, delivery, attempt, week)
) PARTITION BY RANGE (week);

-- A claimed job comes due again when its lease ends, so that a lease that ran out needs no second
-- mechanism. Rows come and go: what is dead must be cleaned soon.
CREATE TABLE jobs (
    shard        smallint NOT NULL,
    key          bigint   NOT NULL,
    kind         text     COLLATE "C" NOT NULL,
    due_at       bigint   NOT NULL,
    organization uuid     NOT NULL,
    lease        bigint   NOT NULL, -- grows with every claim, renewal and putting off
    attempts     bigint   NOT NULL, -- claims so far
    payload      text     NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX jobs_by_due ON jobs (shard, kind, due_at, key);
ALTER TABLE jobs ADD PRIMARY KEY (shard, key);
