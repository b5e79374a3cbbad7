-- What an organization sets up: few rows of each kind, with their settings as text.
CREATE TABLE resources (
    organization BLOB    NOT NULL,
    kind         TEXT    NOT NULL,
    id           BLOB    NOT NULL,
    revision     INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    document     TEXT    NOT NULL,
    PRIMARY KEY (organization, kind, id)
) WITHOUT ROWID;
-- A poll asks for the connections of one courier.
CREATE INDEX resources_by_name ON resources (organization, kind, name, id);

-- What may happen once. Only requests that carry a key of their own write here, so that the scattered
-- index costs nobody else.
CREATE TABLE once (
    row          INTEGER PRIMARY KEY,
    organization BLOB    NOT NULL,
    key          BLOB    NOT NULL,
    fingerprint  BLOB    NOT NULL,
    answer       TEXT,
    at           INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
);
CREATE UNIQUE INDEX once_by_key ON once (organization, key);
-- Lifetimes differ, so age is no order of the rows.
CREATE INDEX once_by_end ON once (expires_at);
