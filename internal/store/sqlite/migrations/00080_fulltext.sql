-- The full text of resources (package fulltext, which fills it behind the versions):
-- rowid is the resource key; words are cut and folded before they come here. What
-- is deleted leaves nothing behind (secure-delete).
-- +goose Up
CREATE VIRTUAL TABLE fulltext USING fts5 (narrative, content, labels, tokenize = 'unicode61 remove_diacritics 0', columnsize = 0);
INSERT INTO fulltext (fulltext, rank) VALUES ('secure-delete', 1);

-- +goose Down
DROP TABLE fulltext;
