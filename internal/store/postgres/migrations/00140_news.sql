-- +goose Up
-- Without a patient a message is to everybody.
CREATE TABLE news_mark (
	patient       TEXT NOT NULL,
	communication TEXT NOT NULL,
	topic         TEXT NOT NULL,
	at            BIGINT NOT NULL,
	seen          BIGINT NOT NULL,
	PRIMARY KEY (patient, communication)
);

CREATE TABLE news_preference (
	patient TEXT NOT NULL,
	topic   TEXT NOT NULL,
	mail    BIGINT NOT NULL,
	PRIMARY KEY (patient, topic)
);

-- +goose Down
DROP TABLE news_preference;
DROP TABLE news_mark;
