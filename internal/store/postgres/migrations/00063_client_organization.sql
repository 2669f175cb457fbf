-- What nothing reads is not asked for.
-- +goose Up
ALTER TABLE oauth_client DROP COLUMN organization;
