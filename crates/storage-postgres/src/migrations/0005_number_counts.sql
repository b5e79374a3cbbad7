-- Whose the numbers of an organization turned out to be, by what they look like: few rows, each
-- counted up once a tracking, and read where a courier is detected.
CREATE TABLE number_counts (
    shard        smallint NOT NULL,
    organization uuid     NOT NULL,
    outline      text     COLLATE "C" NOT NULL,
    slug         text     COLLATE "C" NOT NULL,
    count        bigint   NOT NULL,
    PRIMARY KEY (shard, organization, outline, slug)
);
