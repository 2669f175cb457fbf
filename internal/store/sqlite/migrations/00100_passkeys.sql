-- +goose Up
-- What a passkey is, and its name, is sealed. realm: whose accounts (participant, staff).
CREATE TABLE passkey (
	id      BLOB PRIMARY KEY,
	realm   TEXT NOT NULL,
	account TEXT NOT NULL,
	sealed  BLOB NOT NULL,
	created BIGINT NOT NULL,
	used    BIGINT NOT NULL,
	suspect BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX passkey_account ON passkey (account, realm);

-- Browsers that an account has signed in from, by the hash of a random cookie.
CREATE TABLE known_device (
	account TEXT NOT NULL,
	hash    BLOB NOT NULL,
	seen    BIGINT NOT NULL,
	failures BIGINT NOT NULL, -- wrong second factors in a row
	locked  BIGINT NOT NULL,
	PRIMARY KEY (account, hash)
) WITHOUT ROWID;

-- An identity at an OpenID provider that a participant has confirmed as theirs, by
-- its keyed hash.
CREATE TABLE account_identity (
	hash    BLOB PRIMARY KEY,
	account TEXT NOT NULL,
	since   BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX account_identity_account ON account_identity (account);

-- +goose Down
DROP TABLE account_identity;
DROP TABLE known_device;
DROP TABLE passkey;
