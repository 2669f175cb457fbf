-- Large bodies are compressed by LZ4 where the server has it: pglz, which all have,
-- takes longer to compress one than everything else of its write does.
-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    ALTER TABLE resource ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE history ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'bodies stay compressed by pglz: this PostgreSQL is built without LZ4';
END
$$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE resource ALTER COLUMN body SET COMPRESSION default;
ALTER TABLE history ALTER COLUMN body SET COMPRESSION default;
