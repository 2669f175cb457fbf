-- Which Group a person of research may export, and why: the project, and how long
-- the agreement and the training behind it hold.
-- +goose Up
CREATE TABLE approval (
  id         TEXT   NOT NULL PRIMARY KEY,
  researcher TEXT   NOT NULL,
  cohort     TEXT   NOT NULL,
  project    TEXT   NOT NULL,
  begins     BIGINT NOT NULL,
  ends       BIGINT NOT NULL,
  agreed     BIGINT NOT NULL,
  trained    BIGINT NOT NULL,
  created    BIGINT NOT NULL,
  revoked    BIGINT NOT NULL
);
CREATE INDEX approval_researcher ON approval (researcher, cohort);
