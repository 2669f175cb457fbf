-- +goose Up

-- The combo- parameters of Observation are answered by the rows of the plain and
-- the component- ones: their own, 1935 to 1940, are read no more.
DELETE FROM idx_token     WHERE param IN (1935, 1938, 1939);
DELETE FROM idx_quantity  WHERE param = 1940;
DELETE FROM idx_composite WHERE param IN (1936, 1937);
