-- +goose Up
-- What a passkey is, and its name, is sealed. realm: whose accounts (participant, staff).
CREATE TABLE passkey (
	id      BYTEA PRIMARY KEY,
	realm   TEXT NOT NULL,
	account TEXT NOT NULL,
	sealed  BYTEA NOT NULL,
	created BIGINT NOT NULL,
	used    BIGINT NOT NULL,
	suspect BIGINT NOT NULL
);
CREATE INDEX passkey_account ON passkey (account, realm);

-- Browsers that an account has signed in from, by the hash of a random cookie.
CREATE TABLE known_device (
	account TEXT NOT NULL,
	hash    BYTEA NOT NULL,
	seen    BIGINT NOT NULL,
	failures BIGINT NOT NULL, -- wrong second factors in a row
	locked  BIGINT NOT NULL,
	PRIMARY KEY (account, hash)
);

-- An identity at an OpenID provider that a participant has confirmed as theirs, by
-- its keyed hash.
CREATE TABLE account_identity (
	hash    BYTEA PRIMARY KEY,
	account TEXT NOT NULL,
	since   BIGINT NOT NULL
);
CREATE INDEX account_identity_account ON account_identity (account);

-- +goose Down
DROP TABLE account_identity;
DROP TABLE known_device;
DROP TABLE passkey;
