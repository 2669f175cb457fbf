-- What people are told of apps, apart from what every token check reads; and what
-- they last answered each.
-- +goose Up
CREATE TABLE app_listing (
	client      TEXT PRIMARY KEY,
	publisher   TEXT NOT NULL,
	description TEXT NOT NULL,
	spanish     TEXT NOT NULL,
	website     TEXT NOT NULL,
	launch_url  TEXT NOT NULL,
	audience    TEXT NOT NULL,
	logo_type   TEXT NOT NULL,
	logo        BYTEA NOT NULL,
	changed     BIGINT NOT NULL
);
CREATE TABLE app_choice (
	subject    TEXT NOT NULL,
	client     TEXT NOT NULL,
	asked      TEXT NOT NULL,
	granted    TEXT NOT NULL,
	decided_at BIGINT NOT NULL,
	PRIMARY KEY (subject, client)
);
