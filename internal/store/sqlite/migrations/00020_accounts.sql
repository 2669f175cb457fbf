-- +goose Up
CREATE TABLE account (
	id        TEXT PRIMARY KEY,
	patient   TEXT NOT NULL,
	email     BLOB NOT NULL,
	profile   BLOB,
	secret    BLOB,
	enrolled  BIGINT NOT NULL,
	step      BIGINT NOT NULL,
	failures  BIGINT NOT NULL,
	locked    BIGINT NOT NULL,
	created   BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX account_patient ON account (patient);

-- The address is found by its keyed hash; the row claims the address.
CREATE TABLE account_email (
	hash    BLOB PRIMARY KEY,
	account TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE account_code (
	account  TEXT PRIMARY KEY,
	hash     BLOB,
	expires  BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	sent     BIGINT NOT NULL,
	sent_since BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE participant_code (
	patient TEXT PRIMARY KEY,
	sealed  BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE staff (
	login    TEXT PRIMARY KEY,
	id       TEXT NOT NULL,
	name     TEXT NOT NULL,
	password TEXT NOT NULL,
	role     TEXT NOT NULL,
	site     TEXT NOT NULL,
	disabled BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE consent_event (
	patient  TEXT NOT NULL,
	id       TEXT NOT NULL,
	kind     TEXT NOT NULL,
	decision TEXT NOT NULL,
	at       BIGINT NOT NULL,
	expires  BIGINT NOT NULL,
	consent  TEXT NOT NULL,
	document TEXT NOT NULL,
	hash     TEXT NOT NULL,
	language TEXT NOT NULL,
	printed  BLOB,
	received BIGINT NOT NULL,
	PRIMARY KEY (patient, id)
) WITHOUT ROWID;
CREATE INDEX consent_event_decision ON consent_event (decision, patient);

CREATE TABLE consent_evidence (
	patient TEXT NOT NULL,
	id      TEXT NOT NULL,
	hash    TEXT NOT NULL,
	step    TEXT NOT NULL,
	detail  TEXT NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (patient, id)
) WITHOUT ROWID;

CREATE TABLE dev_mail (
	id         TEXT PRIMARY KEY,
	addressee  TEXT NOT NULL,
	subject    TEXT NOT NULL,
	body       TEXT NOT NULL,
	at         BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX dev_mail_addressee ON dev_mail (addressee, at);

-- +goose Down
DROP TABLE dev_mail;
DROP TABLE consent_evidence;
DROP TABLE consent_event;
DROP TABLE staff;
DROP TABLE participant_code;
DROP TABLE account_code;
DROP TABLE account_email;
DROP TABLE account;
