package store

import (
	"fmt"
	"slices"

	"tributary/fhir/search"
)

// CheckBatch refuses what no Put can mean: a resource twice in one batch, or a
// version that does not follow the one it replaces.
func CheckBatch(writes []Write) error {
	seen := make(map[search.Key]bool, len(writes))
	for i := range writes {
		w := &writes[i]
		if w.Version <= w.Previous || w.Previous < 0 {
			return fmt.Errorf("store: version %d of %s cannot replace %d", w.Version, w.Type, w.Previous)
		}
		if key := w.Key(); seen[key] {
			return fmt.Errorf("store: %s/%s is twice in one batch", w.Type, w.ID)
		} else {
			seen[key] = true
		}
	}
	return nil
}

// few is up to how many entries comparing each with all is quicker than a map.
const few = 32

// Distinct drops repeated entries: an index row stands once for each resource.
func Distinct[E comparable](entries []E) []E {
	if len(entries) > few {
		return distinctMany(entries)
	}
	for i := range entries {
		if slices.Contains(entries[:i], entries[i]) {
			return dedupe(entries, i)
		}
	}
	return entries
}

func distinctMany[E comparable](entries []E) []E {
	seen := make(map[E]bool, len(entries))
	for _, e := range entries {
		seen[e] = true
	}
	if len(seen) == len(entries) {
		return entries
	}
	out := make([]E, 0, len(seen))
	for _, e := range entries {
		if seen[e] {
			seen[e] = false
			out = append(out, e)
		}
	}
	return out
}

// dedupe copies what is distinct; the first n are.
func dedupe[E comparable](entries []E, n int) []E {
	out := slices.Clone(entries[:n])
	for _, e := range entries[n:] {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}
