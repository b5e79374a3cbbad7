-- What was spent of couriers' daily budgets: a row for each a day, written for many requests at once.
CREATE TABLE budgets (
    day   INTEGER NOT NULL,
    name  TEXT    NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (day, name)
) WITHOUT ROWID;

-- When couriers' news comes, as learned by all nodes: a row for each, written every few minutes.
CREATE TABLE rhythms (
    slug     TEXT    PRIMARY KEY,
    revision INTEGER NOT NULL,
    document TEXT    NOT NULL
) WITHOUT ROWID;
