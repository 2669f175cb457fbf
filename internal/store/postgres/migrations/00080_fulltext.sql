-- The full text of resources (package fulltext, which fills it behind the versions):
-- words are cut and folded before they come here.
-- +goose Up
CREATE TABLE fulltext (
    key       BIGINT   NOT NULL PRIMARY KEY,
    narrative TSVECTOR NOT NULL,
    content   TSVECTOR NOT NULL,
    labels    TSVECTOR NOT NULL
);
CREATE INDEX fulltext_by_narrative ON fulltext USING gin (narrative);
CREATE INDEX fulltext_by_content   ON fulltext USING gin (content);
CREATE INDEX fulltext_by_labels    ON fulltext USING gin (labels);

-- +goose Down
DROP TABLE fulltext;
