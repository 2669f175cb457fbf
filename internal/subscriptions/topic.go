package subscriptions

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"tributary/fhir"
	"tributary/fhir/path"
	"tributary/fhir/search"
)

//go:embed topics.yaml
var topicsFile []byte

// Topic is what counts as an event (R5, SubscriptionTopic).
type Topic struct {
	URL      string     `yaml:"url"`
	Title    string     `yaml:"title"`
	Filters  []string   `yaml:"filters"` // parameters that a subscription may filter by
	Triggers []*Trigger `yaml:"triggers"`
}

// Trigger is one way to an event: interactions on resources, and criteria on the
// versions before and after.
type Trigger struct {
	Resources    []string `yaml:"resources"`
	Interactions []string `yaml:"interactions"` // create, update, delete
	Previous     string   `yaml:"previous"`     // query that the version before must match
	Create       Result   `yaml:"create"`       // of Previous when there is none before
	Current      string   `yaml:"current"`      // query that the new version must match
	Delete       Result   `yaml:"delete"`       // of Current when there is none any more
	Both         bool     `yaml:"both"`         // both queries must hold; else one does
	FHIRPath     string   `yaml:"fhirpath"`     // over %previous and %current; holds beside the queries

	queries map[string]queries // by resource type
	expr    *path.Expr
}

type queries struct{ previous, current []search.Clause }

// Result is what a criterion counts as where it has no version to look at.
type Result string

// The results (R5, value set subscriptiontopic-cr-behavior).
const (
	Passes Result = "passes"
	Fails  Result = "fails"
)

// topics reads the topics that come with the program.
func (l language) topics() ([]*Topic, error) {
	var file struct {
		Topics []*Topic `yaml:"topics"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(topicsFile))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("subscription topics: %w", err)
	}
	var faults []error
	for _, t := range file.Topics {
		if err := t.compile(l); err != nil {
			faults = append(faults, fmt.Errorf("subscription topic %s: %w", t.URL, err))
		}
	}
	return file.Topics, errors.Join(faults...)
}

func (t *Topic) compile(l language) (err error) {
	if t.URL == "" || len(t.Triggers) == 0 {
		return errors.New("a topic needs a url and triggers")
	}
	for _, trigger := range t.Triggers {
		err = errors.Join(err, trigger.compile(l))
	}
	return err
}

var interactions = []string{"create", "update", "delete"}

func (t *Trigger) compile(l language) (err error) {
	t.queries = map[string]queries{}
	if t.FHIRPath != "" {
		if t.expr, err = path.Compile(t.FHIRPath); err != nil {
			return err
		}
	}
	for _, i := range t.Interactions {
		if !slices.Contains(interactions, i) {
			return fmt.Errorf("%q is no interaction", i)
		}
	}
	for _, typ := range t.Resources {
		if !fhir.IsResource(typ) {
			return fmt.Errorf("%q is no resource type", typ)
		}
		var q queries
		var first, second error
		q.previous, first = l.clauses(typ, t.Previous)
		q.current, second = l.clauses(typ, t.Current)
		if err := errors.Join(first, second); err != nil {
			return err
		}
		t.queries[typ] = q
	}
	return nil
}

// types are those of the topic's events.
func (t *Topic) types() (types []string) {
	for _, trigger := range t.Triggers {
		for _, typ := range trigger.Resources {
			if !slices.Contains(types, typ) {
				types = append(types, typ)
			}
		}
	}
	return types
}

// looksBack reports whether an event about the type depends on the version before.
func (t *Topic) looksBack(typ string) bool {
	return slices.ContainsFunc(t.Triggers, func(r *Trigger) bool {
		return slices.Contains(r.Resources, typ) && (r.Previous != "" || r.expr != nil || slices.Contains(r.Interactions, "delete"))
	})
}

// adHoc is the topic of a Subscription whose criteria is a query, as R4's own are:
// what is created, or changed, and then matches.
func (l language) adHoc(typ, query string) (*Topic, error) {
	t := &Topic{Title: typ, Triggers: []*Trigger{{Resources: []string{typ}, Interactions: []string{"create", "update"}, Current: query}}}
	return t, t.Triggers[0].compile(l)
}
