package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/store"
)

var _ store.TextTx = (*Tx)(nil)

// PutTexts replaces rows of the table fulltext.
func (t *Tx) PutTexts(ctx context.Context, texts []store.Text) error {
	var gone, keys []int64
	var fields [search.Labels + 1][]string
	for i := range texts {
		text := &texts[i]
		if text.Gone {
			gone = append(gone, int64(text.Key))
			continue
		}
		keys = append(keys, int64(text.Key))
		for f := range fields {
			fields[f] = append(fields[f], vector(text.Full[f]))
		}
	}
	if _, err := t.Exec(ctx, "DELETE FROM fulltext WHERE key = ANY($1)", gone); err != nil {
		return fmt.Errorf("postgres: full text: %w", err)
	}
	_, err := t.Exec(ctx, `INSERT INTO fulltext (key, narrative, content, labels)
		SELECT k, CAST(n AS tsvector), CAST(c AS tsvector), CAST(l AS tsvector)
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS x (k, n, c, l)
		ON CONFLICT (key) DO UPDATE SET narrative = excluded.narrative, content = excluded.content, labels = excluded.labels`,
		keys, fields[search.Narrative], fields[search.Content], fields[search.Labels])
	if err != nil {
		return fmt.Errorf("postgres: full text: %w", err)
	}
	return nil
}

// Bounds of a tsvector: the last place that it tells apart, and how many places of
// one word it keeps.
const (
	lastPlace = 16383
	maxPlaces = 255
)

// vector writes words with their places as a tsvector. Between two texts a place is
// left out, so that no phrase goes from one to the next.
func vector(texts [][]string) string {
	places := map[string][]int{}
	at := 0
	for _, words := range texts {
		for _, w := range words {
			at = min(at+1, lastPlace)
			if p := places[w]; len(p) < maxPlaces {
				places[w] = append(p, at)
			}
		}
		at = min(at+1, lastPlace)
	}
	words := make([]string, 0, len(places))
	for w := range places {
		words = append(words, w)
	}
	slices.Sort(words)
	var b strings.Builder
	for _, w := range words {
		b.WriteString("'" + w + "'")
		for i, p := range places[w] {
			b.WriteByte(":,"[min(i, 1)])
			b.WriteString(strconv.Itoa(p))
		}
		b.WriteByte(' ')
	}
	return b.String()
}
