-- Connections with providers, pulls and their checkpoints, the providers' own bytes.
-- +goose Up
CREATE TABLE connection (
  id          TEXT   NOT NULL PRIMARY KEY,
  patient     TEXT   NOT NULL,
  provider    TEXT   NOT NULL,
  state       TEXT   NOT NULL,
  reason      TEXT   NOT NULL,
  credentials BLOB   NOT NULL,
  identity    TEXT   NOT NULL,
  created     BIGINT NOT NULL,
  updated     BIGINT NOT NULL,
  pulled      BIGINT NOT NULL
);
CREATE INDEX connection_patient ON connection (patient);
CREATE INDEX connection_state ON connection (state);

-- Which participant a provider's patient belongs to: one, for good.
CREATE TABLE provider_identity (
  identity TEXT   NOT NULL PRIMARY KEY,
  patient  TEXT   NOT NULL,
  at       BIGINT NOT NULL
);

CREATE TABLE pull (
  id         TEXT   NOT NULL PRIMARY KEY,
  connection TEXT   NOT NULL,
  state      TEXT   NOT NULL,
  owner      TEXT   NOT NULL,
  lease      BIGINT NOT NULL,
  since      BIGINT NOT NULL,
  started    BIGINT NOT NULL,
  finished   BIGINT NOT NULL
);
CREATE INDEX pull_connection ON pull (connection, started);
CREATE INDEX pull_running ON pull (state, lease);

CREATE TABLE pull_query (
  pull        TEXT   NOT NULL,
  n           BIGINT NOT NULL,
  type        TEXT   NOT NULL,
  first       TEXT   NOT NULL,
  next        TEXT   NOT NULL,
  state       TEXT   NOT NULL,
  reason      TEXT   NOT NULL,
  fetched     BIGINT NOT NULL,
  stored      BIGINT NOT NULL,
  quarantined BIGINT NOT NULL,
  PRIMARY KEY (pull, n)
);

-- What the pulled resources refer to and is still to be fetched.
CREATE TABLE pull_reference (
  pull  TEXT    NOT NULL,
  type  TEXT    NOT NULL,
  id    TEXT    NOT NULL,
  state TEXT    NOT NULL,
  PRIMARY KEY (pull, type, id)
);

CREATE TABLE source (
  key         BIGINT NOT NULL,
  version     BIGINT NOT NULL,
  received    BIGINT NOT NULL,
  body        BLOB   NOT NULL,
  PRIMARY KEY (key, version)
);

CREATE TABLE source_head (
  key         BIGINT NOT NULL PRIMARY KEY,
  version     BIGINT NOT NULL,
  connection  TEXT   NOT NULL,
  type        TEXT   NOT NULL,
  provider_id TEXT   NOT NULL,
  hash        TEXT   NOT NULL
);
CREATE INDEX source_head_connection ON source_head (connection, type);

CREATE TABLE quarantine (
  id          TEXT   NOT NULL PRIMARY KEY,
  connection  TEXT   NOT NULL,
  type        TEXT   NOT NULL,
  provider_id TEXT   NOT NULL,
  reason      TEXT   NOT NULL,
  received    BIGINT NOT NULL,
  body        BLOB   NOT NULL
);
CREATE INDEX quarantine_connection ON quarantine (connection);
