-- +goose Up
CREATE TABLE audit_event (
    key      BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    actor    BIGINT NOT NULL,
    patient  BIGINT NOT NULL,
    resource BIGINT NOT NULL,
    facts    BYTEA  NOT NULL
);
CREATE INDEX audit_event_patient ON audit_event (patient, key) WHERE patient <> 0;
