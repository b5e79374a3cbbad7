-- What an event says of its tracking: 1 that it was changed then, -1 that it is gone, 0 nothing. With it,
-- what changed since is answered, and counted, from the list of events alone.
ALTER TABLE listed_events ADD COLUMN change INTEGER NOT NULL DEFAULT 1;
UPDATE listed_events SET change = 0
    WHERE row IN (SELECT row FROM events WHERE kind = 'webhook_sample');
UPDATE listed_events SET change = -1
    WHERE row IN (SELECT row FROM events WHERE kind = 'tracking_deleted');

-- Both parts of the view have columns of the same affinity: else SQLite would read all of it, and sort.
DROP VIEW events_by_sequence;
CREATE VIEW events_by_sequence AS
    SELECT organization, sequence, at, tracking, change, row FROM listed_events
    UNION ALL SELECT young.organization, events.sequence, events.at, events.tracking,
            CAST(CASE events.kind WHEN 'webhook_sample' THEN 0 WHEN 'tracking_deleted' THEN -1 ELSE 1 END AS INTEGER),
            young.row
        FROM young CROSS JOIN events ON events.row = young.row WHERE young.kind = 1;

DROP TRIGGER sixteen_young_events_are_listed;
CREATE TRIGGER sixteen_young_events_are_listed AFTER INSERT ON young
WHEN NEW.kind = 1
    AND (SELECT count(*) FROM young WHERE organization = NEW.organization AND kind = 1) >= 16 BEGIN
    INSERT INTO listed_events (organization, sequence, at, tracking, change, row)
        SELECT young.organization, events.sequence, events.at, events.tracking,
            CASE events.kind WHEN 'webhook_sample' THEN 0 WHEN 'tracking_deleted' THEN -1 ELSE 1 END,
            young.row
        FROM young CROSS JOIN events ON events.row = young.row
        WHERE young.organization = NEW.organization AND young.kind = 1;
    DELETE FROM young WHERE organization = NEW.organization AND kind = 1;
END;
