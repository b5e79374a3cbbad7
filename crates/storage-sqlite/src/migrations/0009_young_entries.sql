-- Lists of an organization's trackings and events, written in bulk.
--
-- An index that organizations lead takes each new entry on a page of its own, and by then in the middle,
-- where pages split. So what is new waits together until there are sixteen of an organization, and all of
-- them are listed at once. Triggers do it, so that whoever writes a tracking or an event has it listed.
-- Readers see views, which join what is young and what is listed: each is in one of them.
--
-- A program of before would name indexes that are gone; there was no release before.

-- Which are young: trackings (kind 0) and events (kind 1) by their rows. No more is said of them than which
-- lists they will be in, so that a page has those of several organizations, and a list looks up its own alone.
CREATE TABLE young (
    organization INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    row          INTEGER NOT NULL,
    tag          TEXT,
    slug         TEXT,
    order_id     TEXT,
    PRIMARY KEY (organization, kind, row)
) WITHOUT ROWID;

CREATE TABLE listed_by_tag (
    organization INTEGER NOT NULL,
    tag          TEXT    NOT NULL,
    key          BLOB    NOT NULL,
    row          INTEGER NOT NULL,
    PRIMARY KEY (organization, tag, key)
) WITHOUT ROWID;
CREATE TABLE listed_by_slug (
    organization INTEGER NOT NULL,
    slug         TEXT    NOT NULL,
    key          BLOB    NOT NULL,
    row          INTEGER NOT NULL,
    PRIMARY KEY (organization, slug, key)
) WITHOUT ROWID;
CREATE TABLE listed_by_order (
    organization INTEGER NOT NULL,
    order_id     TEXT    NOT NULL,
    key          BLOB    NOT NULL,
    row          INTEGER NOT NULL,
    PRIMARY KEY (organization, order_id, key)
) WITHOUT ROWID;

-- With the time and the tracking in it, what changed since is answered from the list alone. An
-- organization's young events are newer than all that are listed.
CREATE TABLE listed_events (
    organization INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    tracking     BLOB    NOT NULL,
    row          INTEGER NOT NULL,
    PRIMARY KEY (organization, sequence)
) WITHOUT ROWID;

-- What is there already is listed, each list along the index whose place it takes.
INSERT INTO listed_by_tag (organization, tag, key, row)
    SELECT organization, tag, key, row FROM trackings INDEXED BY trackings_by_tag
    ORDER BY organization, tag, key;
DROP INDEX trackings_by_tag;
INSERT INTO listed_by_slug (organization, slug, key, row)
    SELECT organization, slug, key, row FROM trackings INDEXED BY trackings_by_slug
    ORDER BY organization, slug, key;
DROP INDEX trackings_by_slug;
INSERT INTO listed_by_order (organization, order_id, key, row)
    SELECT organization, order_id, key, row FROM trackings INDEXED BY trackings_by_order
    WHERE order_id IS NOT NULL ORDER BY organization, order_id, key;
DROP INDEX trackings_by_order;
INSERT INTO listed_events (organization, sequence, at, tracking, row)
    SELECT organization, sequence, at, tracking, row FROM events INDEXED BY events_by_sequence
    ORDER BY organization, sequence;
DROP INDEX events_by_sequence;

CREATE VIEW trackings_by_tag AS
    SELECT organization, tag, key, row FROM listed_by_tag
    UNION ALL SELECT young.organization, young.tag, trackings.key, young.row
        FROM young CROSS JOIN trackings ON trackings.row = young.row WHERE young.kind = 0;
CREATE VIEW trackings_by_slug AS
    SELECT organization, slug, key, row FROM listed_by_slug
    UNION ALL SELECT young.organization, young.slug, trackings.key, young.row
        FROM young CROSS JOIN trackings ON trackings.row = young.row WHERE young.kind = 0;
CREATE VIEW trackings_by_order AS
    SELECT organization, order_id, key, row FROM listed_by_order
    UNION ALL SELECT young.organization, young.order_id, trackings.key, young.row
        FROM young CROSS JOIN trackings ON trackings.row = young.row WHERE young.kind = 0;
CREATE VIEW events_by_sequence AS
    SELECT organization, sequence, at, tracking, row FROM listed_events
    UNION ALL SELECT young.organization, events.sequence, events.at, events.tracking, young.row
        FROM young CROSS JOIN events ON events.row = young.row WHERE young.kind = 1;

CREATE TRIGGER a_new_tracking_is_young AFTER INSERT ON trackings BEGIN
    INSERT INTO young (organization, kind, row, tag, slug, order_id)
        VALUES (NEW.organization, 0, NEW.row, NEW.tag, NEW.slug, NEW.order_id);
END;
CREATE TRIGGER sixteen_young_trackings_are_listed AFTER INSERT ON young
WHEN NEW.kind = 0
    AND (SELECT count(*) FROM young WHERE organization = NEW.organization AND kind = 0) >= 16 BEGIN
    INSERT INTO listed_by_tag (organization, tag, key, row)
        SELECT young.organization, young.tag, trackings.key, young.row
        FROM young CROSS JOIN trackings ON trackings.row = young.row
        WHERE young.organization = NEW.organization AND young.kind = 0;
    INSERT INTO listed_by_slug (organization, slug, key, row)
        SELECT young.organization, young.slug, trackings.key, young.row
        FROM young CROSS JOIN trackings ON trackings.row = young.row
        WHERE young.organization = NEW.organization AND young.kind = 0;
    INSERT INTO listed_by_order (organization, order_id, key, row)
        SELECT young.organization, young.order_id, trackings.key, young.row
        FROM young CROSS JOIN trackings ON trackings.row = young.row
        WHERE young.organization = NEW.organization AND young.kind = 0
        AND young.order_id IS NOT NULL;
    DELETE FROM young WHERE organization = NEW.organization AND kind = 0;
END;

-- What looks for an entry where it is not finds nothing there.
CREATE TRIGGER a_tracking_changes_its_tag AFTER UPDATE OF tag ON trackings
WHEN NEW.tag <> OLD.tag BEGIN
    UPDATE young SET tag = NEW.tag
        WHERE organization = OLD.organization AND kind = 0 AND row = OLD.row;
    UPDATE listed_by_tag SET tag = NEW.tag
        WHERE organization = OLD.organization AND tag = OLD.tag AND key = OLD.key;
END;
CREATE TRIGGER a_tracking_changes_its_slug AFTER UPDATE OF slug ON trackings
WHEN NEW.slug <> OLD.slug BEGIN
    UPDATE young SET slug = NEW.slug
        WHERE organization = OLD.organization AND kind = 0 AND row = OLD.row;
    UPDATE listed_by_slug SET slug = NEW.slug
        WHERE organization = OLD.organization AND slug = OLD.slug AND key = OLD.key;
END;
CREATE TRIGGER a_tracking_changes_its_order AFTER UPDATE OF order_id ON trackings
WHEN NEW.order_id IS NOT OLD.order_id BEGIN
    UPDATE young SET order_id = NEW.order_id
        WHERE organization = OLD.organization AND kind = 0 AND row = OLD.row;
    DELETE FROM listed_by_order
        WHERE organization = OLD.organization AND order_id = OLD.order_id AND key = OLD.key;
    INSERT INTO listed_by_order (organization, order_id, key, row)
        SELECT NEW.organization, NEW.order_id, NEW.key, NEW.row
        WHERE NEW.order_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM young
            WHERE organization = NEW.organization AND kind = 0 AND row = NEW.row);
END;
CREATE TRIGGER a_tracking_is_gone AFTER DELETE ON trackings BEGIN
    DELETE FROM young WHERE organization = OLD.organization AND kind = 0 AND row = OLD.row;
    DELETE FROM listed_by_tag
        WHERE organization = OLD.organization AND tag = OLD.tag AND key = OLD.key;
    DELETE FROM listed_by_slug
        WHERE organization = OLD.organization AND slug = OLD.slug AND key = OLD.key;
    DELETE FROM listed_by_order
        WHERE organization = OLD.organization AND order_id = OLD.order_id AND key = OLD.key;
END;

CREATE TRIGGER a_new_event_is_young AFTER INSERT ON events BEGIN
    INSERT INTO young (organization, kind, row) VALUES (NEW.organization, 1, NEW.row);
END;
CREATE TRIGGER sixteen_young_events_are_listed AFTER INSERT ON young
WHEN NEW.kind = 1
    AND (SELECT count(*) FROM young WHERE organization = NEW.organization AND kind = 1) >= 16 BEGIN
    INSERT INTO listed_events (organization, sequence, at, tracking, row)
        SELECT young.organization, events.sequence, events.at, events.tracking, young.row
        FROM young CROSS JOIN events ON events.row = young.row
        WHERE young.organization = NEW.organization AND young.kind = 1;
    DELETE FROM young WHERE organization = NEW.organization AND kind = 1;
END;
CREATE TRIGGER an_event_is_gone AFTER DELETE ON events BEGIN
    DELETE FROM young WHERE organization = OLD.organization AND kind = 1 AND row = OLD.row;
    DELETE FROM listed_events WHERE organization = OLD.organization AND sequence = OLD.sequence;
END;
