-- What apps say of themselves when they register (RFC 7591, section 2): where they
-- and their publishers are. Kept for the operator; people are told of it only once
-- an operator lists the app.
-- +goose Up
CREATE TABLE client_said (
	client TEXT PRIMARY KEY,
	said   TEXT NOT NULL
);
-- +goose Down
DROP TABLE client_said;
