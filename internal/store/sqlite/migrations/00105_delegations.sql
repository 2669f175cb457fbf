-- Who may act for whom (package consent): the scopes say what of it. Nothing is
-- deleted; what was taken back has its time.
-- +goose Up
CREATE TABLE delegation (
  id       TEXT   NOT NULL PRIMARY KEY,
  patient  TEXT   NOT NULL,
  delegate TEXT   NOT NULL,
  scopes   TEXT   NOT NULL,
  consent  TEXT   NOT NULL,
  begins   BIGINT NOT NULL,
  ends     BIGINT NOT NULL,
  created  BIGINT NOT NULL,
  revoked  BIGINT NOT NULL
);
CREATE INDEX delegation_delegate ON delegation (delegate, patient);
CREATE INDEX delegation_patient ON delegation (patient);
