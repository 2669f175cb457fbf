-- +goose Up
ALTER TABLE account ADD COLUMN language TEXT NOT NULL DEFAULT '';

-- The address that an account is to have, sealed, until its code comes back.
CREATE TABLE account_new_email (
	account TEXT PRIMARY KEY,
	email   BLOB NOT NULL,
	at      BIGINT NOT NULL
) WITHOUT ROWID;

-- People whose data nothing deletes, whatever the retention times say.
CREATE TABLE legal_hold (
	patient TEXT PRIMARY KEY,
	reason  BLOB NOT NULL,
	staff   TEXT NOT NULL,
	at      BIGINT NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE legal_hold;
DROP TABLE account_new_email;
ALTER TABLE account DROP COLUMN language;
