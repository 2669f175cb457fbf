-- +goose Up
CREATE TABLE release (
	id          TEXT PRIMARY KEY,
	client      TEXT NOT NULL,
	actor       BYTEA NOT NULL,
	policy      TEXT NOT NULL,
	scope       TEXT NOT NULL,
	types       TEXT NOT NULL,
	since       BIGINT NOT NULL,
	request     TEXT NOT NULL,
	secret      BYTEA NOT NULL,
	state       TEXT NOT NULL,
	attempt     BIGINT NOT NULL,
	reason      TEXT NOT NULL,
	written     BIGINT NOT NULL,
	total       BIGINT NOT NULL,
	created     BIGINT NOT NULL,
	at          BIGINT NOT NULL,
	finished    BIGINT NOT NULL,
	expires     BIGINT NOT NULL,
	beat        BIGINT NOT NULL
);
CREATE INDEX release_client ON release (client, state);
CREATE INDEX release_expires ON release (expires);

-- A part holds the files of some participants; they go together.
CREATE TABLE release_part (
	release TEXT NOT NULL,
	part    BIGINT NOT NULL,
	state   TEXT NOT NULL,
	gone    BIGINT NOT NULL,
	PRIMARY KEY (release, part)
);

CREATE TABLE release_file (
	release TEXT NOT NULL,
	part    BIGINT NOT NULL,
	type    TEXT NOT NULL,
	count   BIGINT NOT NULL,
	bytes   BIGINT NOT NULL,
	PRIMARY KEY (release, part, type)
);

-- Who is in which part: kept after the files are gone.
CREATE TABLE release_member (
	release TEXT NOT NULL,
	part    BIGINT NOT NULL,
	patient TEXT NOT NULL,
	ehr     BIGINT NOT NULL,
	PRIMARY KEY (release, part, patient)
);
CREATE INDEX release_member_patient ON release_member (patient);

-- Resources in nobody's compartment that a release holds already.
CREATE TABLE release_shared (
	release TEXT NOT NULL,
	part    BIGINT NOT NULL,
	key     BIGINT NOT NULL,
	PRIMARY KEY (release, key)
);

-- +goose Down
DROP TABLE release_shared;
DROP TABLE release_member;
DROP TABLE release_file;
DROP TABLE release_part;
DROP TABLE release;
