-- +goose Up
CREATE TABLE audit_event (
    key      BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    actor    BIGINT NOT NULL,
    patient  BIGINT NOT NULL,
    resource BIGINT NOT NULL,
    body     BYTEA  NOT NULL
);
CREATE INDEX audit_event_patient  ON audit_event (patient, key)  WHERE patient <> 0;
CREATE INDEX audit_event_resource ON audit_event (resource, key) WHERE resource <> 0;
CREATE INDEX audit_event_actor    ON audit_event (actor, key);
