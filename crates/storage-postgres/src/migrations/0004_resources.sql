-- What an organization sets up: few rows of each kind, with their settings as text.
CREATE TABLE resources (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    kind         text     COLLATE "C" NOT NULL,
    id           uuid     NOT NULL,
    revision     bigint   NOT NULL,
    name         text     COLLATE "C" NOT NULL,
    document     text     NOT NULL,
    PRIMARY KEY (shard, organization, kind, id)
);
-- A poll asks for the connections of one courier.
CREATE INDEX resources_by_name ON resources (shard, organization, kind, name, id);

-- What may happen once. Only requests that carry a key of their own write here.
CREATE TABLE once (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    key          bytea    NOT NULL,
    fingerprint  bytea    NOT NULL,
    answer       text,
    at           bigint   NOT NULL,
    expires_at   bigint   NOT NULL,
    PRIMARY KEY (shard, organization, key)
);
CREATE INDEX once_by_end ON once (shard, expires_at);
