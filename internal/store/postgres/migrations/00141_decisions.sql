-- +goose Up
CREATE TABLE staff_decision (
	id         TEXT PRIMARY KEY,
	kind       TEXT NOT NULL,
	patient    TEXT NOT NULL,
	detail     BYTEA NOT NULL,
	asked_by   TEXT NOT NULL,
	asked      BIGINT NOT NULL,
	state      TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	reason     BYTEA,
	decided    BIGINT NOT NULL
);
CREATE INDEX staff_decision_patient ON staff_decision (patient, kind);
CREATE INDEX staff_decision_state ON staff_decision (state, asked);

-- +goose Down
DROP TABLE staff_decision;
