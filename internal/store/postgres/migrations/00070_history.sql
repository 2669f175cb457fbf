-- Histories of types and of everything: versions in the order of their times. A
-- version that is current and not deleted is found by resource_by_updated.
-- +goose Up
CREATE INDEX history_by_updated ON history (updated, key, version);
CREATE INDEX resource_deleted   ON resource (type, updated, key) WHERE deleted = 1;

-- +goose Down
DROP INDEX resource_deleted;
DROP INDEX history_by_updated;
