-- +goose Up

-- The current version of each resource; its key is a pure function of type and
-- id (search.Key), so a read is one lookup in this table.
CREATE TABLE resource (
    key     INTEGER PRIMARY KEY,
    type    INTEGER NOT NULL,
    id      TEXT    NOT NULL,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    method  TEXT    NOT NULL,
    body    BLOB    NOT NULL
);
CREATE INDEX resource_by_type    ON resource (type, key)          WHERE deleted = 0;
CREATE INDEX resource_by_updated ON resource (type, updated, key) WHERE deleted = 0;

-- Earlier versions.
CREATE TABLE history (
    key     INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    method  TEXT    NOT NULL,
    body    BLOB    NOT NULL
);
CREATE UNIQUE INDEX history_by_version ON history (key, version);

-- Index rows, a table per value kind (package fhir/search). Equality kinds are
-- found by value alone; those that are compared or sorted by are also found by
-- resource, so that a condition can be checked, or a sort key read, row by row;
-- their rows are in the order of a search sorted by them: value, then resource.
CREATE TABLE idx_token (
    param INTEGER NOT NULL, hash INTEGER NOT NULL, key INTEGER NOT NULL,
    PRIMARY KEY (param, hash, key)
) WITHOUT ROWID;

CREATE TABLE idx_reference (
    param INTEGER NOT NULL, target INTEGER NOT NULL, key INTEGER NOT NULL,
    PRIMARY KEY (param, target, key)
) WITHOUT ROWID;

-- exact is the hash of the string as written: a long one would not fit an index.
CREATE TABLE idx_string (
    param INTEGER NOT NULL, folded TEXT NOT NULL, exact INTEGER NOT NULL, key INTEGER NOT NULL,
    PRIMARY KEY (param, folded, key, exact)
) WITHOUT ROWID;
CREATE INDEX idx_string_by_key ON idx_string (key, param);

CREATE TABLE idx_date (
    param INTEGER NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL, key INTEGER NOT NULL,
    PRIMARY KEY (param, lo, key, hi)
) WITHOUT ROWID;
CREATE INDEX idx_date_by_key ON idx_date (key, param);
CREATE INDEX idx_date_by_hi  ON idx_date (param, hi, key, lo);

CREATE TABLE idx_quantity (
    param INTEGER NOT NULL, lo REAL NOT NULL, hi REAL NOT NULL, key INTEGER NOT NULL,
    system INTEGER NOT NULL, code INTEGER NOT NULL, unit INTEGER NOT NULL,
    PRIMARY KEY (param, lo, hi, key, system, code, unit)
) WITHOUT ROWID;
CREATE INDEX idx_quantity_by_key ON idx_quantity (key, param);

-- hash is that of the whole value, of which value holds the first part.
CREATE TABLE idx_uri (
    param INTEGER NOT NULL, value TEXT NOT NULL, hash INTEGER NOT NULL, key INTEGER NOT NULL,
    PRIMARY KEY (param, value, key, hash)
) WITHOUT ROWID;
CREATE INDEX idx_uri_by_key ON idx_uri (key, param);

CREATE TABLE idx_composite (
    param INTEGER NOT NULL, first INTEGER NOT NULL, key INTEGER NOT NULL,
    lo2 REAL NOT NULL, hi2 REAL NOT NULL, a2 INTEGER NOT NULL, b2 INTEGER NOT NULL, c2 INTEGER NOT NULL,
    lo3 REAL NOT NULL, hi3 REAL NOT NULL, a3 INTEGER NOT NULL, b3 INTEGER NOT NULL, c3 INTEGER NOT NULL,
    PRIMARY KEY (param, first, key, lo2, hi2, a2, b2, c2, lo3, hi3, a3, b3, c3)
) WITHOUT ROWID;
