-- +goose Up

-- The current version of each resource; its key is a pure function of type and
-- id (search.Key), so a read is one lookup in this table.
CREATE TABLE resource (
    key     BIGINT PRIMARY KEY,
    type    SMALLINT NOT NULL,
    id      TEXT    NOT NULL,
    version BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    deleted SMALLINT NOT NULL,
    method  TEXT    NOT NULL,
    body    BYTEA    NOT NULL
);
CREATE INDEX resource_by_type    ON resource (type, key)          WHERE deleted = 0;
CREATE INDEX resource_by_updated ON resource (type, updated, key) WHERE deleted = 0;

-- Earlier versions.
CREATE TABLE history (
    key     BIGINT NOT NULL,
    version BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    deleted SMALLINT NOT NULL,
    method  TEXT    NOT NULL,
    body    BYTEA    NOT NULL
);
CREATE UNIQUE INDEX history_by_version ON history (key, version);

-- Index rows, a table per value kind (package fhir/search). Equality kinds are
-- found by value alone; those that are compared or sorted by are also found by
-- resource, so that a condition can be checked, or a sort key read, row by row;
-- their rows are in the order of a search sorted by them: value, then resource.
CREATE TABLE idx_token (
    param INTEGER NOT NULL, hash BIGINT NOT NULL, key BIGINT NOT NULL,
    PRIMARY KEY (param, hash, key)
);

CREATE TABLE idx_reference (
    param INTEGER NOT NULL, target BIGINT NOT NULL, key BIGINT NOT NULL,
    PRIMARY KEY (param, target, key)
);

-- exact is the hash of the string as written: a long one would not fit an index.
CREATE TABLE idx_string (
    param INTEGER NOT NULL, folded TEXT COLLATE "C" NOT NULL, exact BIGINT NOT NULL, key BIGINT NOT NULL,
    PRIMARY KEY (param, folded, key, exact)
);
CREATE INDEX idx_string_by_key ON idx_string (key, param, folded, exact);

CREATE TABLE idx_date (
    param INTEGER NOT NULL, lo BIGINT NOT NULL, hi BIGINT NOT NULL, key BIGINT NOT NULL,
    PRIMARY KEY (param, lo, key, hi)
);
CREATE INDEX idx_date_by_key ON idx_date (key, param, lo, hi);
CREATE INDEX idx_date_by_hi  ON idx_date (param, hi, key, lo);

CREATE TABLE idx_quantity (
    param INTEGER NOT NULL, lo DOUBLE PRECISION NOT NULL, hi DOUBLE PRECISION NOT NULL, key BIGINT NOT NULL,
    system BIGINT NOT NULL, code BIGINT NOT NULL, unit BIGINT NOT NULL,
    PRIMARY KEY (param, lo, hi, key, system, code, unit)
);
CREATE INDEX idx_quantity_by_key ON idx_quantity (key, param, lo, hi, system, code, unit);

-- hash is that of the whole value, of which value holds the first part.
CREATE TABLE idx_uri (
    param INTEGER NOT NULL, value TEXT COLLATE "C" NOT NULL, hash BIGINT NOT NULL, key BIGINT NOT NULL,
    PRIMARY KEY (param, value, key, hash)
);
CREATE INDEX idx_uri_by_key ON idx_uri (key, param, value, hash);

CREATE TABLE idx_composite (
    param INTEGER NOT NULL, first BIGINT NOT NULL, key BIGINT NOT NULL,
    lo2 DOUBLE PRECISION NOT NULL, hi2 DOUBLE PRECISION NOT NULL, a2 BIGINT NOT NULL, b2 BIGINT NOT NULL, c2 BIGINT NOT NULL,
    lo3 DOUBLE PRECISION NOT NULL, hi3 DOUBLE PRECISION NOT NULL, a3 BIGINT NOT NULL, b3 BIGINT NOT NULL, c3 BIGINT NOT NULL,
    PRIMARY KEY (param, first, key, lo2, hi2, a2, b2, c2, lo3, hi3, a3, b3, c3)
);
