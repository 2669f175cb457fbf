-- Numbers of the processes that mint ids in this database, leased.
-- +goose Up
CREATE TABLE node (
  n     BIGINT NOT NULL PRIMARY KEY,
  owner TEXT   NOT NULL,
  until BIGINT NOT NULL
);
