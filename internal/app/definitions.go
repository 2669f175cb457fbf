package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/fhirserver"
	"tributary/internal/operation"
	"tributary/internal/records"
)

// definer writes the OperationDefinitions of what is served.
var definer = access.Job("definitions", "HOPERAT")

// define stores the OperationDefinition of every operation that is served, unless one
// with its url is there already, from a package say. What is stored as it should be is
// told by its meta.source, so that a start without news asks one question.
func (c *core) define(ctx context.Context) error {
	wanted := map[string]records.Draft{} // by url
	var marks, urls []string
	for _, d := range operation.Definitions(append(fhirserver.Operations(c.fhirBase()), c.routes...)) {
		src := d.JSON()
		sum := sha256.Sum256(src)
		mark := c.fhirBase() + "/metadata#" + hex.EncodeToString(sum[:8])
		wanted[d.URL] = records.Draft{Type: "OperationDefinition", ID: d.ID, JSON: src, Source: mark}
		marks = append(marks, mark)
	}
	stored, err := c.defined(ctx, "_source", marks)
	if err != nil {
		return err
	}
	for url := range stored {
		delete(wanted, url)
	}
	for url := range wanted {
		urls = append(urls, url)
	}
	if stored, err = c.defined(ctx, "url", urls); err != nil {
		return err
	}
	var drafts []records.Draft
	for _, url := range slices.Sorted(maps.Keys(wanted)) {
		if id, elsewhere := stored[url]; !elsewhere || id == wanted[url].ID {
			drafts = append(drafts, wanted[url])
		}
	}
	if len(drafts) == 0 {
		return nil
	}
	return c.records.Write(ctx, definer, func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, drafts...)
		return err
	})
}

// defined are the ids of the OperationDefinitions that a search finds, by their url.
func (c *core) defined(ctx context.Context, param string, values []string) (map[string]string, error) {
	if len(values) == 0 {
		return nil, nil
	}
	page, err := c.records.Search(ctx, definer, records.Search{Type: "OperationDefinition", Query: []search.Pair{
		{Name: param, Value: strings.Join(values, ",")}, {Name: "_count", Value: strconv.Itoa(records.MaxCount)},
	}})
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, r := range page.Resources {
		root, err := tree.Parse(r.Body)
		if err != nil {
			return nil, fmt.Errorf("OperationDefinition/%s: %w", r.ID, err)
		}
		found[root.Get("url").Text()] = r.ID
	}
	return found, nil
}
