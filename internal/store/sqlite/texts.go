package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

var _ store.TextTx = (*Tx)(nil)

// PutTexts replaces rows of the FTS5 table, in the order of their numbers: FTS5 writes
// what it has gathered whenever a number is below the one before.
func (t *Tx) PutTexts(ctx context.Context, texts []store.Text) error {
	texts = slices.SortedFunc(slices.Values(texts), func(a, b store.Text) int { return cmp.Compare(a.Key, b.Key) })
	for i := range texts {
		text := &texts[i]
		if _, err := t.Exec(ctx, "DELETE FROM fulltext WHERE rowid = $1", int64(text.Key)); err != nil {
			return fmt.Errorf("sqlite: full text: %w", err)
		}
		if text.Gone {
			continue
		}
		if _, err := t.Exec(ctx, "INSERT INTO fulltext (rowid, narrative, content, labels) VALUES ($1, $2, $3, $4)", int64(text.Key),
			joined(text.Full[search.Narrative]), joined(text.Full[search.Content]), joined(text.Full[search.Labels])); err != nil {
			return fmt.Errorf("sqlite: full text: %w", err)
		}
	}
	return nil
}

func joined(texts [][]string) string {
	var b strings.Builder
	for i, words := range texts {
		if i > 0 {
			b.WriteString(" " + sqlindex.Separator + " ")
		}
		b.WriteString(strings.Join(words, " "))
	}
	return b.String()
}
