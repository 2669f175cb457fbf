-- +goose Up
ALTER TABLE consent_event ADD COLUMN represented TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE consent_event DROP COLUMN represented;
