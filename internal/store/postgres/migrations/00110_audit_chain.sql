-- The chains that make audit rows tamper-evident: one of each process. Chain 0 is of
-- the rows that were written before there were chains; it is sealed by the first
-- process that comes to it.
-- +goose Up
ALTER TABLE audit_event ADD COLUMN chain BIGINT NOT NULL DEFAULT 0;
CREATE TABLE audit_chain (
    id    BIGINT NOT NULL PRIMARY KEY,
    n     BIGINT NOT NULL UNIQUE,
    began BIGINT NOT NULL,
    until BIGINT NOT NULL, -- while its process lives; 0: there is nothing to seal for it
    mac   BYTEA NOT NULL
);
CREATE TABLE audit_seal (
    chain   BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    first   BIGINT NOT NULL, -- key of the first row
    last    BIGINT NOT NULL, -- no later seal of the chain has a row up to it
    count   BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    kind    BIGINT NOT NULL,
    content BYTEA NOT NULL,
    hash    BYTEA NOT NULL,
    mac     BYTEA NOT NULL,
    gone    BYTEA NOT NULL, -- empty while its rows are kept
    PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_seal_at ON audit_seal (at);
INSERT INTO audit_chain (id, n, began, until, mac)
    SELECT 0, 0, 0, COALESCE((MAX(key) / 4194304 + 1577836800000) * 1000 + 1, 0), CAST('' AS BYTEA) FROM audit_event;
