-- What a provider did not grant, and when a connection is pulled again by itself.
-- +goose Up
ALTER TABLE connection ADD COLUMN lacking TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN repeats BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX connection_due ON connection (state, due);
