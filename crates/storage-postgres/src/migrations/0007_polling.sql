-- What was spent of couriers' daily budgets: a row for each a day, written for many requests at once. A directory
-- table.
CREATE TABLE budgets (
    day   integer NOT NULL,
    name  text    COLLATE "C" NOT NULL,
    spent bigint  NOT NULL,
    PRIMARY KEY (day, name)
);

-- When couriers' news comes, as learned by all nodes: a row for each, written every few minutes. A directory table.
CREATE TABLE rhythms (
    slug     text   COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL,
    document text   NOT NULL
);
