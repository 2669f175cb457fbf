-- Search parameters of SearchParameter resources, one row for each resource type
-- that they are on. A number is given once; what is dropped stays until its index
-- rows are gone.
-- +goose Up
CREATE TABLE search_parameter (
  number     BIGINT NOT NULL PRIMARY KEY,
  resource   TEXT   NOT NULL,
  type       TEXT   NOT NULL,
  code       TEXT   NOT NULL,
  definition TEXT   NOT NULL,
  state      TEXT   NOT NULL,
  reindex    TEXT   NOT NULL,
  since      BIGINT NOT NULL
);
CREATE INDEX search_parameter_resource ON search_parameter (resource);
CREATE UNIQUE INDEX search_parameter_code ON search_parameter (type, code) WHERE state <> 'dropped';

-- One row: the version that every process looks at, the generation by which all is
-- indexed (search.Generation), the next number.
CREATE TABLE search_state (
  one        BIGINT NOT NULL PRIMARY KEY,
  version    BIGINT NOT NULL,
  generation BIGINT NOT NULL,
  next       BIGINT NOT NULL
);
INSERT INTO search_state (one, version, generation, next) VALUES (1, 0, 1, 1048576);

-- +goose Down
DROP TABLE search_state;
DROP TABLE search_parameter;
