-- Subscriptions beside their resources, and their events (package subscriptions).
-- +goose Up
CREATE TABLE subscription (
  id       TEXT   NOT NULL PRIMARY KEY,
  status   TEXT   NOT NULL,
  spec     BLOB  NOT NULL,
  owner    BLOB  NOT NULL,
  since    BIGINT NOT NULL,
  seq      BIGINT NOT NULL,
  done     BIGINT NOT NULL,
  number   BIGINT NOT NULL,
  failed   BIGINT NOT NULL,
  sent     BIGINT NOT NULL,
  claim    TEXT   NOT NULL,
  until    BIGINT NOT NULL,
  changed  BIGINT NOT NULL,
  error    TEXT   NOT NULL
);

CREATE TABLE subscription_event (
  subscription TEXT   NOT NULL,
  seq          BIGINT NOT NULL,
  number       BIGINT NOT NULL,
  at           BIGINT NOT NULL,
  type         TEXT   NOT NULL,
  id           TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  PRIMARY KEY (subscription, seq)
);
CREATE UNIQUE INDEX subscription_event_number ON subscription_event (subscription, number) WHERE number > 0;
CREATE INDEX subscription_event_at ON subscription_event (at);

-- +goose Down
DROP TABLE subscription_event;
DROP TABLE subscription;
