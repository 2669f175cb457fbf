package subscriptions

import (
	"slices"
	"time"

	"tributary/fhir/path"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/store"
)

// document is one version of a resource, with what a search would find it by.
type document struct {
	store.Resource
	root    tree.Value
	entries search.Entries
}

// change is a new version and the one that it replaces; either may be missing.
type change struct {
	typ, id           string
	interaction       string
	previous, current *document
}

func interactionOf(v store.Resource, before *store.Resource) string {
	switch {
	case v.Deleted:
		return "delete"
	case v.Version == 1 || before != nil && before.Deleted:
		return "create"
	}
	return "update"
}

// subject is the version that filters look at: the new one, of a deletion the last.
func (c *change) subject() *document {
	if c.current != nil {
		return c.current
	}
	return c.previous
}

// fires reports whether the change is an event of the topic.
func (t *Topic) fires(c *change, now time.Time) bool {
	return slices.ContainsFunc(t.Triggers, func(r *Trigger) bool { return r.fires(c, now) })
}

func (t *Trigger) fires(c *change, now time.Time) bool {
	q, ok := t.queries[c.typ]
	return ok && slices.Contains(t.Interactions, c.interaction) && t.queried(q, c) && t.evaluated(c, now)
}

// queried holds the change against the queries (R5, SubscriptionTopic.resourceTrigger.queryCriteria).
func (t *Trigger) queried(q queries, c *change) bool {
	before := holds(q.previous, c.previous, t.Create)
	after := holds(q.current, c.current, t.Delete)
	switch {
	case t.Previous == "":
		return after
	case t.Current == "":
		return before
	case t.Both:
		return before && after
	}
	return before || after
}

func holds(where []search.Clause, d *document, without Result) bool {
	if d == nil {
		return without != Fails
	}
	return matches(where, d)
}

// evaluated holds it against the FHIRPath criteria; an error is no event.
func (t *Trigger) evaluated(c *change, now time.Time) bool {
	if t.expr == nil {
		return true
	}
	env := &path.Env{Now: now, Vars: map[string][]path.Item{"previous": item(c.previous), "current": item(c.current)}}
	yes, err := t.expr.True(c.subject().root, env)
	return err == nil && yes
}

func item(d *document) []path.Item {
	if d == nil {
		return nil
	}
	return []path.Item{path.ItemAt(d.root)}
}
