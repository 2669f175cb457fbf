-- Background work on the index, and its checkpoints.
-- +goose Up
CREATE TABLE reindex (
  id         TEXT   NOT NULL PRIMARY KEY,
  reason     TEXT   NOT NULL,
  client     TEXT   NOT NULL,
  numbers    TEXT   NOT NULL,
  generation BIGINT NOT NULL,
  state      TEXT   NOT NULL,
  owner      TEXT   NOT NULL,
  fault      TEXT   NOT NULL,
  beat       BIGINT NOT NULL,
  created    BIGINT NOT NULL,
  started    BIGINT NOT NULL,
  finished   BIGINT NOT NULL
);
CREATE INDEX reindex_open ON reindex (state, created);

CREATE TABLE reindex_step (
  reindex TEXT   NOT NULL,
  n       BIGINT NOT NULL,
  phase   TEXT   NOT NULL,
  type    TEXT   NOT NULL,
  number  BIGINT NOT NULL,
  place   TEXT   NOT NULL,
  over    BIGINT NOT NULL,
  done    BIGINT NOT NULL,
  total   BIGINT NOT NULL,
  added   BIGINT NOT NULL,
  dropped BIGINT NOT NULL,
  failed  BIGINT NOT NULL,
  PRIMARY KEY (reindex, n)
);

-- +goose Down
DROP TABLE reindex_step;
DROP TABLE reindex;
