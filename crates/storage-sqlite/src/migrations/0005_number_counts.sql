-- Whose the numbers of an organization turned out to be, by what they look like: few rows, each
-- counted up once a tracking, and read where a courier is detected.
CREATE TABLE number_counts (
    organization BLOB    NOT NULL,
    outline      TEXT    NOT NULL,
    slug         TEXT    NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (organization, outline, slug)
) WITHOUT ROWID;
