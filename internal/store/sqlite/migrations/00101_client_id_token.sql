-- What a client wants its id_tokens signed with; '' for RS256, as SMART asks.
-- +goose Up
ALTER TABLE oauth_client ADD COLUMN id_token_alg TEXT NOT NULL DEFAULT '';
