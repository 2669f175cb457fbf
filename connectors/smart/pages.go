package smart

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tributary/connectors"
	"tributary/fhir/tree"
)

// Page implements connectors.Connector. A query whose answer is a single
// resource (a read) makes a page of one.
func (c *Connector) Page(ctx context.Context, p connectors.Provider, creds connectors.Credentials, q connectors.Query) (connectors.Page, error) {
	target, err := resolve(p.FHIRBase, q.URL)
	if err != nil {
		return connectors.Page{}, err
	}
	body, err := c.get(ctx, p, target, creds.Access)
	if err != nil {
		return connectors.Page{}, err
	}
	root, err := tree.Parse(body)
	if err != nil {
		return connectors.Page{}, fail(connectors.BadAnswer, http.StatusOK, "a page is not JSON", err)
	}
	page := connectors.Page{Bytes: len(body)}
	if root.Get("resourceType").Text() != "Bundle" {
		page.Resources = [][]byte{body}
		return page, nil
	}
	entries(root, &page)
	return page, c.follow(p, q, target, root, &page)
}

// entries sorts a page into data and messages (search.mode outcome).
func entries(bundle tree.Value, page *connectors.Page) {
	for entry := range bundle.Get("entry").Elements() {
		resource := entry.Get("resource")
		switch {
		case !resource.Exists():
		case entry.At("search", "mode").Text() == "outcome", resource.Get("resourceType").Text() == "OperationOutcome":
			for issue := range resource.Get("issue").Elements() {
				page.Messages = append(page.Messages, issue.Get("code").Text())
			}
		default:
			page.Resources = append(page.Resources, resource.Raw())
		}
	}
}

// follow finds the next link; one that leads back to this page would never end.
func (c *Connector) follow(p connectors.Provider, q connectors.Query, target string, bundle tree.Value, page *connectors.Page) error {
	for link := range bundle.Get("link").Elements() {
		if link.Get("relation").Text() != "next" {
			continue
		}
		next, err := resolve(target, link.Get("url").Text())
		if err != nil {
			return err
		}
		if err := allowed(p, next); err != nil {
			return err
		}
		if next == target {
			return fail(connectors.BadAnswer, http.StatusOK, "the next page is the same page", nil)
		}
		page.Next = &connectors.Query{Type: q.Type, URL: next, Since: q.Since}
	}
	return nil
}

// resolve makes a link absolute. A relative query is below the FHIR base; a
// relative next link is, by RFC 3986, relative to its page, but some providers
// mean the base, which is the same for "Type?…".
func resolve(base, link string) (string, error) {
	ref, err := url.Parse(link)
	if err != nil || link == "" {
		return "", fail(connectors.BadAnswer, 0, "a link is no URL", err)
	}
	if ref.IsAbs() {
		return link, nil
	}
	if !strings.Contains(base, "?") && !strings.HasPrefix(link, "/") {
		return strings.TrimRight(base, "/") + "/" + link, nil
	}
	b, err := url.Parse(base)
	if err != nil {
		return "", fail(connectors.BadAnswer, 0, "a link is no URL", err)
	}
	return b.ResolveReference(ref).String(), nil
}

// Fetch implements connectors.Connector: many ids in one search where the
// provider allows it, else one by one.
func (c *Connector) Fetch(ctx context.Context, p connectors.Provider, creds connectors.Credentials, typ string, ids []string) (connectors.Page, error) {
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
		page, err := c.Page(ctx, p, creds, connectors.Query{Type: typ, URL: typ + "/" + url.PathEscape(id)})
		var e *connectors.Error
		if errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Status == http.StatusGone) {
			continue
		}
		if err != nil {
			return all, err
		}
		all.Resources = append(all.Resources, page.Resources...)
		all.Bytes += page.Bytes
	}
	return all, nil
}
