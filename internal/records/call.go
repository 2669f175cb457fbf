package records

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// call is the request of a Bundle's entry, taken apart.
type call struct {
	method   string
	typ, id  string
	version  int64
	history  bool
	criteria *string // of a conditional write
	query    string  // of a GET that searches
	unless   string  // of a read: the tag of a version that the client has (ifNoneMatch)
}

// parseCall reads Bundle.entry.request: a URL relative to the service's base, or
// below it.
func parseCall(e *fhir.Entry, base string) (call, error) {
	c := call{method: e.Method, unless: e.IfNoneMatch}
	path, query, asked := strings.Cut(strings.TrimPrefix(e.URL, base+"/"), "?")
	steps := strings.Split(strings.Trim(path, "/"), "/")
	c.typ = steps[0]
	if strings.Contains(path, "$") {
		return c, errs.New(errs.Invalid, "operations are called in a batch or by themselves, not in a transaction")
	}
	if !fhir.IsResource(c.typ) {
		return c, errs.New(errs.Invalid, "the url of a request is Type, Type/id or Type?query")
	}
	if len(steps) > 1 {
		c.id = steps[1]
	}
	read, ok := callForms[c.method]
	if !ok {
		return c, errs.New(errs.Invalid, "the method %.10q is not supported here", c.method)
	}
	if e.IfNoneExist != "" && c.method == "POST" {
		query, asked = e.IfNoneExist, true
	}
	if steps[len(steps)-1] == "_history" {
		return c, errs.New(errs.Invalid, "a history is asked for in a batch or by itself, not in a transaction")
	}
	if !read(&c, steps, query, asked) {
		return c, errs.New(errs.Invalid, "this url does not go with %s", c.method)
	}
	return c, nil
}

// callForms read what a method's url may be.
var callForms = map[string]func(c *call, steps []string, query string, asked bool) bool{
	"GET": getForm, "HEAD": getForm, "POST": postForm, "PUT": writeForm, "PATCH": writeForm, "DELETE": writeForm,
}

func getForm(c *call, steps []string, query string, _ bool) bool {
	c.query = query
	switch {
	case len(steps) == 3 || len(steps) == 4:
		c.history = steps[2] == "_history"
		if len(steps) == 4 {
			var err error
			c.version, err = strconv.ParseInt(steps[3], 10, 64)
			return c.history && err == nil && c.version > 0
		}
		return false // the history itself is no resource
	}
	return len(steps) <= 2
}

func postForm(c *call, steps []string, query string, asked bool) bool {
	if asked {
		c.criteria = &query
	}
	return len(steps) == 1
}

func writeForm(c *call, steps []string, query string, asked bool) bool {
	if len(steps) == 1 && asked {
		c.criteria = &query
		return true
	}
	return len(steps) == 2 && !asked
}

// reading is from where a GET entry reads, and how that is audited.
type reading struct {
	from   reader
	actor  access.Actor
	record func(context.Context, audit.Event) error
}

// get answers a GET entry: a read, the read of a version, or a search.
func (s *Service) get(ctx context.Context, r reading, c call) (EntryResult, error) {
	if c.id == "" {
		return s.getSearch(ctx, r, c)
	}
	i := access.Read
	if c.version > 0 {
		i = access.VRead
	}
	d, err := s.policy.Decide(ctx, r.actor, access.Request{Interaction: i, Type: c.typ, ID: c.id})
	if err != nil {
		return EntryResult{}, err
	}
	found, err := s.getOne(ctx, r, &d, c)
	if err != nil {
		return EntryResult{}, err
	}
	result := EntryResult{Status: 200, Resource: found}
	if c.method == "HEAD" {
		result.Resource.Body = nil
	}
	if tagged(c.unless, found.Version) {
		result.Status, result.Resource.Body = 304, nil
	}
	return result, r.record(ctx, audit.Event{Interaction: i, Entities: seen([]store.Resource{found})})
}

// tagged tells whether one of the tags is that of the version.
func tagged(tags string, version int64) bool {
	own := `"` + strconv.FormatInt(version, 10) + `"`
	return slices.ContainsFunc(strings.Split(tags, ","), func(tag string) bool {
		tag = strings.TrimSpace(tag)
		return tag == "*" || strings.TrimPrefix(tag, "W/") == own
	})
}

func (s *Service) getOne(ctx context.Context, r reading, d *access.Decision, c call) (store.Resource, error) {
	if c.version == 0 {
		return s.current(ctx, r.from, d, c.typ, c.id)
	}
	found, err := r.from.ReadVersion(ctx, c.typ, c.id, c.version)
	if err != nil {
		return found, missing(err, c.typ)
	}
	if err := s.visible(d, found); err != nil {
		return store.Resource{}, err
	}
	if err := s.shown(ctx, r.from, d, c.typ, c.id); err != nil {
		return store.Resource{}, err
	}
	return there(found)
}

func (s *Service) getSearch(ctx context.Context, r reading, c call) (EntryResult, error) {
	pairs, err := Pairs(c.query)
	if err != nil {
		return EntryResult{}, err
	}
	q := Search{Type: c.typ, Query: pairs}
	page, err := s.find(ctx, r.from, r.actor, q)
	if err != nil {
		return EntryResult{}, err
	}
	result := EntryResult{Status: 200}
	if c.method != "HEAD" {
		result.Search, result.Query, result.Asked = &page, c.typ, pairs
	}
	return result, r.record(ctx, searched(q, page))
}
