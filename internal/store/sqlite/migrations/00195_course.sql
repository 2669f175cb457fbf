-- +goose Up

-- The course of a Patient's care: what is in the compartment, by the end of the last of
-- its dates of care (search.CourseEntry). All that a page of it asks for is in the key.
CREATE TABLE idx_course (
    param INTEGER NOT NULL, patient INTEGER NOT NULL, hi INTEGER NOT NULL, key INTEGER NOT NULL, lo INTEGER NOT NULL, code INTEGER NOT NULL,
    PRIMARY KEY (param, patient, hi, key, lo, code)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE idx_course;
