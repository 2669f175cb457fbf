-- +goose Up
CREATE TABLE oauth_client (
	id            TEXT PRIMARY KEY,
	name          TEXT NOT NULL,
	purpose       TEXT NOT NULL,
	redirect_uris TEXT NOT NULL,
	scopes        TEXT NOT NULL,
	secret_hash   TEXT NOT NULL,
	jwks          TEXT NOT NULL,
	jwks_url      TEXT NOT NULL,
	group_ids     TEXT NOT NULL,
	organization  TEXT NOT NULL,
	created_at    BIGINT NOT NULL,
	disabled      BIGINT NOT NULL
);

CREATE TABLE oauth_grant (
	id         TEXT PRIMARY KEY,
	client     TEXT NOT NULL,
	subject    TEXT NOT NULL,
	role       TEXT NOT NULL,
	patient    TEXT NOT NULL,
	fhir_user  TEXT NOT NULL,
	scopes     TEXT NOT NULL,
	nonce      TEXT NOT NULL,
	context    TEXT NOT NULL,
	auth_time  BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	revoked_at BIGINT NOT NULL
);
CREATE INDEX oauth_grant_subject ON oauth_grant (subject);

CREATE TABLE oauth_token (
	hash       BLOB PRIMARY KEY,
	kind       TEXT NOT NULL,
	grant_id   TEXT NOT NULL,
	scopes     TEXT NOT NULL,
	issued_at  BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at    BIGINT NOT NULL,
	replay     BLOB NOT NULL
);
CREATE INDEX oauth_token_expires ON oauth_token (expires_at);
CREATE INDEX oauth_token_grant ON oauth_token (grant_id);

CREATE TABLE oauth_key (
	id         TEXT PRIMARY KEY,
	algorithm  TEXT NOT NULL,
	sealed     BLOB NOT NULL,
	created_at BIGINT NOT NULL,
	retired_at BIGINT NOT NULL
);
