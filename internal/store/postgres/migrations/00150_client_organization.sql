-- The provider, as connections name it, that an EHR system is of; '' for none.
-- +goose Up
ALTER TABLE oauth_client ADD COLUMN organization TEXT NOT NULL DEFAULT '';
