-- The parts of each string that any row of idx_string has (search.Parts), by which a
-- text within it is found. They are kept behind the writes (package parts); of what
-- was written since, and of long strings, the rows themselves are looked at.
-- +goose Up
CREATE TABLE string_part (
  param  INTEGER NOT NULL,
  part   TEXT    NOT NULL,
  folded TEXT    NOT NULL,
  PRIMARY KEY (param, part, folded)
) WITHOUT ROWID;
CREATE INDEX idx_string_long ON idx_string (param, key, folded) WHERE length(folded) > 50;

-- +goose Down
DROP INDEX idx_string_long;
DROP TABLE string_part;
