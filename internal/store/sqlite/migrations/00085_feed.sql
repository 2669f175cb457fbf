-- Who follows the versions, how far they are, and the process that does it for
-- them until its lease ends (package feed). Versions are followed in the order of
-- (updated, key, version).
-- +goose Up
CREATE TABLE feed (
  name    TEXT   NOT NULL PRIMARY KEY,
  updated BIGINT NOT NULL,
  key     BIGINT NOT NULL,
  version BIGINT NOT NULL,
  owner   TEXT   NOT NULL,
  until   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE feed;
