-- The processes that serve this database, and which parts (a bit each) of what couriers may be asked
-- each of them holds until its time is over. Few rows, written every few seconds.
CREATE TABLE nodes (
    id         BLOB    PRIMARY KEY,
    roles      TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    shares     INTEGER NOT NULL,
    parts      INTEGER NOT NULL
) WITHOUT ROWID;

-- Couriers that asked for patience.
CREATE TABLE closed_couriers (
    name  TEXT    PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID;
