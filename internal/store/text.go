package store

import (
	"context"

	"tributary/fhir/search"
)

// Text is the full text of a resource as it is now; Gone that it has none any more.
type Text struct {
	Key  search.Key
	Full search.FullText
	Gone bool
}

// TextTx is a transaction of a store that keeps the full text of resources.
type TextTx interface {
	// PutTexts replaces the full text of resources, each at most once in the list.
	PutTexts(ctx context.Context, texts []Text) error
}
