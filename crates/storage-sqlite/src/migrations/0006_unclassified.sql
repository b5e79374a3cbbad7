-- Codes and texts of couriers that nothing understood. Written where one is learned, which is rare, and
-- few of each courier; so the key is all the index there is.
CREATE TABLE unclassified (
    slug          TEXT    NOT NULL,
    word          TEXT    NOT NULL,
    example       TEXT    NOT NULL,
    count         INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL,
    PRIMARY KEY (slug, word)
) WITHOUT ROWID;
