-- +goose Up

-- gt and ge compare the upper bound of a quantity.
CREATE INDEX idx_quantity_by_hi ON idx_quantity (param, hi, key, lo, system, code, unit);

-- +goose Down
DROP INDEX idx_quantity_by_hi;
