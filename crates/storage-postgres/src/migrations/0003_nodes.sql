-- The processes that serve this database, and which parts (a bit each) of what couriers may be asked
-- each of them holds until its time is over. Few rows, written every few seconds; directory tables.
CREATE TABLE nodes (
    id         uuid    PRIMARY KEY,
    roles      text    NOT NULL,
    started_at bigint  NOT NULL,
    until      bigint  NOT NULL,
    shares     boolean NOT NULL,
    parts      bigint  NOT NULL
);

-- Couriers that asked for patience.
CREATE TABLE closed_couriers (
    name  text   COLLATE "C" PRIMARY KEY,
    until bigint NOT NULL
);
