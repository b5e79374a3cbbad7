-- Searching by words, and lists by what changed since.

-- The words of each tracking, under its row. The texts themselves are not kept, only which tokens a
-- row has; that an entry may be replaced and deleted all the same costs a small row each.
CREATE VIRTUAL TABLE search USING fts5 (
    tokens, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
-- Rows of trackings that are to be made searchable: appended to by every create, soon empty again.
CREATE TABLE unsearchable (row INTEGER PRIMARY KEY);
INSERT INTO unsearchable (row) SELECT row FROM trackings;

-- With the time and the tracking in it, what changed since is answered from this index alone. It takes
-- the place of the old one: an organization's entries have one end, which writes must touch anyway.
DROP INDEX events_by_sequence;
CREATE INDEX events_by_sequence ON events (organization, sequence, at, tracking);
