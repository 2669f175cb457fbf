-- Why a connection was held, what the provider said of its patient (sealed), and
-- what staff decided, with their reason.
-- +goose Up
ALTER TABLE connection ADD COLUMN held TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN theirs BLOB NOT NULL DEFAULT x'';
ALTER TABLE connection ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN verdict_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN decided BIGINT NOT NULL DEFAULT 0;
UPDATE connection SET held=reason WHERE state='held';
CREATE INDEX connection_undecided ON connection (created) WHERE held<>'' AND verdict='';
CREATE INDEX connection_identity ON connection (identity);
CREATE INDEX quarantine_received ON quarantine (received);
