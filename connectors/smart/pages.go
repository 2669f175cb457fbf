package smart

import (
	"context"
	"net/http"
	"net/url"
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
	a, err := c.get(ctx, p, target, creds.Access)
	if err != nil {
		return connectors.Page{}, err
	}
	root, err := tree.Parse(a.body)
	if err != nil {
		return connectors.Page{}, fail(connectors.BadAnswer, http.StatusOK, "a page is not JSON", err)
	}
	page := connectors.Page{Bytes: len(a.body)}
	switch root.Get("resourceType").Text() {
	case "Bundle":
		entries(root, &page)
		return page, c.follow(p, q, target, root, &page)
	case q.Type:
		page.Resources = [][]byte{a.body}
		return page, nil
	}
	return connectors.Page{}, fail(connectors.BadAnswer, http.StatusOK, "the answer is neither a page nor the resource", nil)
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
		next, err := relative(p.FHIRBase, target, link.Get("url").Text())
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

// resolve makes the URL of a query absolute: it is below the FHIR base.
func resolve(base, link string) (string, error) {
	ref, err := url.Parse(link)
	if err != nil || link == "" {
		return "", fail(connectors.BadAnswer, 0, "a link is no URL", withoutURL(err))
	}
	if ref.IsAbs() {
		return link, nil
	}
	return strings.TrimRight(base, "/") + "/" + link, nil
}

// relative makes a next link absolute. One that begins with a path is, as in a
// Bundle everything is, relative to the FHIR base; one that begins with a slash or
// a question mark can only be meant relative to its page (RFC 3986).
func relative(base, page, link string) (string, error) {
	if !strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "?") {
		return resolve(base, link)
	}
	ref, err := url.Parse(link)
	if err != nil {
		return "", fail(connectors.BadAnswer, 0, "a link is no URL", withoutURL(err))
	}
	from, err := url.Parse(page)
	if err != nil {
		return "", fail(connectors.BadAnswer, 0, "a link is no URL", withoutURL(err))
	}
	return from.ResolveReference(ref).String(), nil
}
