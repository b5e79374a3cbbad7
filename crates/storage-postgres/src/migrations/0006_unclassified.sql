-- Codes and texts of couriers that nothing understood, by shard like the counts of polls. Written where one
-- is learned, which is rare, and few of each courier; so the key is all the index there is.
CREATE TABLE unclassified (
    shard         smallint NOT NULL,
    slug          text     COLLATE "C" NOT NULL,
    word          text     COLLATE "C" NOT NULL,
    example       text     NOT NULL,
    count         bigint   NOT NULL,
    first_seen_at bigint   NOT NULL,
    last_seen_at  bigint   NOT NULL,
    PRIMARY KEY (shard, slug, word)
);
