-- +goose Up
ALTER TABLE consent_event ADD COLUMN drawn BYTEA;
ALTER TABLE consent_event ADD COLUMN providers TEXT NOT NULL DEFAULT '';
ALTER TABLE consent_event ADD COLUMN staff TEXT NOT NULL DEFAULT '';
ALTER TABLE consent_event ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE consent_event ADD COLUMN reason BYTEA;

-- +goose Down
ALTER TABLE consent_event DROP COLUMN reason;
ALTER TABLE consent_event DROP COLUMN site;
ALTER TABLE consent_event DROP COLUMN staff;
ALTER TABLE consent_event DROP COLUMN providers;
ALTER TABLE consent_event DROP COLUMN drawn;
