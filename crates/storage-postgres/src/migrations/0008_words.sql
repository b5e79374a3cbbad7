-- Words are kept once each, no longer with all their beginnings: a search asks for the beginning of a word itself. What
-- was searchable by the old ones is made so anew, and not found by its words until then.
TRUNCATE search;
INSERT INTO unsearchable (shard, organization, tracking) SELECT shard, organization, key FROM trackings
    ON CONFLICT DO NOTHING;
