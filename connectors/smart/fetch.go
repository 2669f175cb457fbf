package smart

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tributary/connectors"
	"tributary/fhir/tree"
)

// Fetch implements connectors.Connector: many ids in one search where the
// provider allows it, else one by one. A Binary is always read: it has no search.
func (c *Connector) Fetch(ctx context.Context, p connectors.Provider, creds connectors.Credentials, typ string, ids []string) (connectors.Page, error) {
	if typ == "Binary" {
		return c.readEach(ctx, p, creds, typ, ids)
	}
	query := typ + "?_id=" + url.QueryEscape(strings.Join(ids, ",")) + "&_count=" + strconv.Itoa(len(ids))
	page, err := c.Page(ctx, p, creds, connectors.Query{Type: typ, URL: query})
	if err == nil && page.Next == nil && len(page.Resources) == len(ids) {
		return page, nil
	}
	var e *connectors.Error
	if err != nil && (!errors.As(err, &e) || e.Failure != connectors.Refused) {
		return page, err
	}
	return c.readEach(ctx, p, creds, typ, ids)
}

func (c *Connector) readEach(ctx context.Context, p connectors.Provider, creds connectors.Credentials, typ string, ids []string) (connectors.Page, error) {
	var all connectors.Page
	for _, id := range ids {
		raw, err := c.read(ctx, p, creds, typ, id)
		var e *connectors.Error
		if errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Status == http.StatusGone) {
			continue
		}
		if err != nil {
			return all, err
		}
		all.Resources = append(all.Resources, raw)
		all.Bytes += len(raw)
	}
	return all, nil
}

func (c *Connector) read(ctx context.Context, p connectors.Provider, creds connectors.Credentials, typ, id string) ([]byte, error) {
	a, err := c.get(ctx, p, strings.TrimRight(p.FHIRBase, "/")+"/"+typ+"/"+url.PathEscape(id), creds.Access)
	if err != nil {
		return nil, err
	}
	root, err := tree.Parse(a.body)
	switch {
	case err == nil && root.Get("resourceType").Text() == typ && root.Get("id").Exists():
		return a.body, nil
	case err == nil && root.Get("resourceType").Text() == typ:
		return named(a.body, root, id)
	case typ == "Binary" && root.Get("resourceType").Text() != "OperationOutcome":
		return wrap(id, a)
	}
	return nil, fail(connectors.BadAnswer, http.StatusOK, "the answer is not the resource", err)
}

// named gives a resource the id by which it was asked for.
func named(body []byte, root tree.Value, id string) ([]byte, error) {
	text, err := json.Marshal(id)
	if err != nil {
		return nil, fail(connectors.BadAnswer, http.StatusOK, "the resource cannot be kept", err)
	}
	start, _ := root.Span()
	member := append(append([]byte(`"id":`), text...), ',')
	return tree.Apply(body, []tree.Edit{{Start: start + 1, End: start + 1, New: member}}), nil
}

// binary is a Binary resource (R4, section 2.43).
type binary struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	ContentType  string `json:"contentType"`
	Data         []byte `json:"data,omitempty"`
}

// wrap makes a Binary of a document that came as its own bytes.
func wrap(id string, a answer) ([]byte, error) {
	typ := a.contentType
	if _, _, err := mime.ParseMediaType(typ); err != nil {
		typ = "application/octet-stream"
	}
	raw, err := json.Marshal(binary{"Binary", id, typ, a.body})
	if err != nil {
		return nil, fail(connectors.BadAnswer, http.StatusOK, "the document cannot be kept", err)
	}
	return raw, nil
}
