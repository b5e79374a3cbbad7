-- A small number for each organization, by which the tables that grow with trackings name it: where an
-- index leads with it, an entry is half as long, so its pages fill and split half as often.
--
-- Rows change their meaning here, which a program of before would not understand; there was no release
-- before.
CREATE TABLE organization_numbers (
    number INTEGER PRIMARY KEY,
    id     BLOB    NOT NULL UNIQUE
);
INSERT INTO organization_numbers (id) SELECT id FROM organizations ORDER BY row;

DROP INDEX trackings_by_tag;
DROP INDEX trackings_by_slug;
DROP INDEX trackings_by_order;
UPDATE trackings SET organization =
    (SELECT number FROM organization_numbers WHERE id = trackings.organization);
CREATE INDEX trackings_by_tag ON trackings (organization, tag, key);
CREATE INDEX trackings_by_slug ON trackings (organization, slug, key);
CREATE INDEX trackings_by_order ON trackings (organization, order_id, key) WHERE order_id IS NOT NULL;

DROP INDEX events_by_sequence;
UPDATE events SET organization =
    (SELECT number FROM organization_numbers WHERE id = events.organization);
CREATE INDEX events_by_sequence ON events (organization, sequence, at, tracking);

-- By tag first: creates of many organizations raise counters that stand together.
ALTER TABLE tracking_counts RENAME TO old_tracking_counts;
CREATE TABLE tracking_counts (
    tag          TEXT    NOT NULL,
    organization INTEGER NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (tag, organization)
) WITHOUT ROWID;
INSERT INTO tracking_counts (tag, organization, count)
    SELECT tag, number, count FROM old_tracking_counts JOIN organization_numbers ON id = organization;
DROP TABLE old_tracking_counts;

-- A name stands where it was appended. Only its hash scatters, in entries so short that a page takes
-- fifty; that a full name is there once is looked at before one is written.
ALTER TABLE names RENAME TO old_names;
CREATE TABLE names (
    row           INTEGER PRIMARY KEY,
    hash          INTEGER NOT NULL, -- of (organization, kind, name)
    organization  INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    slug          TEXT    NOT NULL,
    discriminator TEXT    NOT NULL,
    tracking      BLOB    NOT NULL
);
INSERT INTO names (hash, organization, kind, name, slug, discriminator, tracking)
    SELECT hash, number, kind, name, slug, discriminator, tracking
    FROM old_names JOIN organization_numbers ON id = organization ORDER BY tracking;
DROP TABLE old_names;
CREATE INDEX names_by_hash ON names (hash);
CREATE INDEX names_by_tracking ON names (tracking);
