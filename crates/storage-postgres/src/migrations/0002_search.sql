-- Searching by words.

-- The tokens of each tracking. An entry is found by them, or passed along the key where they are
-- common: the planner knows which.
CREATE TABLE search (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    tracking     uuid     NOT NULL,
    tokens       tsvector NOT NULL,
    PRIMARY KEY (shard, organization, tracking)
);
CREATE INDEX search_by_tokens ON search USING gin (tokens);

-- Trackings that are to be made searchable: added to by every create, soon empty again.
CREATE TABLE unsearchable (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    tracking     uuid     NOT NULL,
    PRIMARY KEY (shard, organization, tracking)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
INSERT INTO unsearchable (shard, organization, tracking) SELECT shard, organization, key FROM trackings;
