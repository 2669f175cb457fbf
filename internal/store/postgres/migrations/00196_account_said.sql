-- +goose Up

-- What somebody says of themselves at sign-up, as a keyed hash, until the address is
-- confirmed: a sign-up that is sent again finds its account by it.
ALTER TABLE account ADD COLUMN said BYTEA;
CREATE UNIQUE INDEX account_said ON account (said) WHERE said IS NOT NULL;

-- +goose Down
DROP INDEX account_said;
ALTER TABLE account DROP COLUMN said;
