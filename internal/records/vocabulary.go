package records

import (
	"context"
	"slices"

	"tributary/fhir/search"
	"tributary/fhir/terminology"
	"tributary/internal/access"
)

// Vocabulary are the code systems, value sets and concept maps that an actor
// reaches, and those of R4 itself, which everybody does. What is stored comes before
// what is built in; of several with one url, the one that is asked for by its
// version, else the one that was changed last. It serves one request.
func (s *Service) Vocabulary(actor access.Actor) *terminology.Service {
	return s.vocabulary(s.store, actor).ask()
}

// ask makes a Service of it.
func (v *vocabulary) ask() *terminology.Service { return &terminology.Service{From: v} }

func (s *Service) vocabulary(from reader, actor access.Actor) *vocabulary {
	return &vocabulary{service: s, from: from, actor: actor, reach: map[string]*access.Decision{}, found: map[string]any{}}
}

// vocabulary is the terminology.Resolver of one request.
type vocabulary struct {
	service *Service
	from    reader
	actor   access.Actor
	reach   map[string]*access.Decision // by type; nil where it is not allowed
	found   map[string]any              // by type and canonical: one answer for the whole request
}

var _ terminology.Resolver = (*vocabulary)(nil)

// CodeSystem implements terminology.Resolver; what supplements add is in it.
func (v *vocabulary) CodeSystem(ctx context.Context, canonical string) (*terminology.CodeSystem, error) {
	return resolve(ctx, v, "CodeSystem", canonical, func() (*terminology.CodeSystem, error) {
		s, err := stored[*terminology.CodeSystem](ctx, v, "CodeSystem", canonical)
		if err == nil && s == nil {
			s, err = terminology.Base.CodeSystem(ctx, canonical)
		}
		if err != nil || s == nil {
			return nil, err
		}
		return v.supplemented(ctx, s)
	})
}

// ValueSet implements terminology.Resolver.
func (v *vocabulary) ValueSet(ctx context.Context, canonical string) (*terminology.ValueSet, error) {
	return resolve(ctx, v, "ValueSet", canonical, func() (*terminology.ValueSet, error) {
		if typ, id, own := search.Own(canonical, v.service.base); own && typ == "ValueSet" {
			return v.byID(ctx, id)
		}
		s, err := stored[*terminology.ValueSet](ctx, v, "ValueSet", canonical)
		if err != nil || s != nil {
			return s, err
		}
		return terminology.Base.ValueSet(ctx, canonical)
	})
}

// byID finds a value set that is named by a reference instead of its url: a search
// may (R4, section 3.1.1.4.5, of :in).
func (v *vocabulary) byID(ctx context.Context, id string) (*terminology.ValueSet, error) {
	terms, err := v.terms(ctx, "ValueSet", search.ID, id)
	if err != nil || len(terms) == 0 {
		return nil, err
	}
	return terms[0].compiled.(*terminology.ValueSet), nil
}

// ConceptMap implements terminology.Resolver.
func (v *vocabulary) ConceptMap(ctx context.Context, canonical string) (*terminology.ConceptMap, error) {
	return resolve(ctx, v, "ConceptMap", canonical, func() (*terminology.ConceptMap, error) {
		return stored[*terminology.ConceptMap](ctx, v, "ConceptMap", canonical)
	})
}

// ConceptMaps implements terminology.Resolver.
func (v *vocabulary) ConceptMaps(ctx context.Context, source, target string) ([]*terminology.ConceptMap, error) {
	params, text := []string{"source", "source-uri", "source-system"}, source
	if source == "" {
		params, text = []string{"target", "target-uri", "target-system"}, target
	}
	var maps []*terminology.ConceptMap
	seen := map[string]bool{}
	for _, param := range params {
		terms, err := v.terms(ctx, "ConceptMap", param, text)
		if err != nil {
			return nil, err
		}
		for _, t := range terms {
			m, ok := t.compiled.(*terminology.ConceptMap)
			if ok && (target == "" || m.Concerns(target)) && !seen[t.id] {
				maps, seen[t.id] = append(maps, m), true
			}
		}
	}
	return maps, nil
}

// supplemented adds what the supplements of a system say; what comes of it is kept,
// unless it is for this actor alone.
func (v *vocabulary) supplemented(ctx context.Context, s *terminology.CodeSystem) (*terminology.CodeSystem, error) {
	terms, err := v.terms(ctx, "CodeSystem", "supplements", s.URL)
	if err != nil || len(terms) == 0 {
		return s, err
	}
	var more []*terminology.CodeSystem
	for _, t := range terms {
		extra := t.compiled.(*terminology.CodeSystem)
		if _, only := terminology.Canonical(extra.Supplements); extra.Content == terminology.Supplement && (only == "" || only == s.Version) {
			more = append(more, extra)
		}
	}
	if len(more) == 0 || !v.common("CodeSystem") {
		return s.With(more...), nil
	}
	made := append([]*terminology.CodeSystem{s}, more...)
	kept, err := v.service.terms.renew(termKey{"CodeSystem", "with supplements", s.URL}, v.service.now(), func(known []*term) ([]*term, error) {
		if len(known) == 1 && slices.Equal(known[0].made, made) {
			return known, nil
		}
		all := s.With(more...)
		return []*term{{compiled: all, made: made, size: all.Size()}}, nil
	})
	if err != nil {
		return nil, err
	}
	return kept[0].compiled.(*terminology.CodeSystem), nil
}

// common reports whether the actor reaches all of a type and nothing is being written:
// what is found is the same for everybody who does, then.
func (v *vocabulary) common(typ string) bool {
	d := v.reach[typ]
	return d != nil && !d.Narrowed() && v.from == reader(v.service.store)
}

// resolve answers once for each request.
func resolve[T comparable](ctx context.Context, v *vocabulary, typ, canonical string, get func() (T, error)) (T, error) {
	key := typ + " " + canonical
	if found, ok := v.found[key]; ok {
		return found.(T), nil
	}
	found, err := get()
	if err == nil {
		v.found[key] = found
	}
	return found, err
}

// stored is the newest of the resources with the url, or the one of that version.
func stored[T any](ctx context.Context, v *vocabulary, typ, canonical string) (none T, err error) {
	url, version := terminology.Canonical(canonical)
	terms, err := v.terms(ctx, typ, "url", url)
	for _, t := range terms {
		if version == "" || t.version == version {
			return t.compiled.(T), err
		}
	}
	return none, err
}

// terms are the resources of a type with a value of a parameter, the newest first:
// from the cache, where the actor reaches all of the type and nothing is being
// written, else from the database.
func (v *vocabulary) terms(ctx context.Context, typ, param, text string) ([]*term, error) {
	d, err := v.decide(ctx, typ)
	if err != nil || d == nil || text == "" {
		return nil, err
	}
	load := func(known []*term) ([]*term, error) { return v.load(ctx, d, typ, param, text, known) }
	if !v.common(typ) {
		return load(nil)
	}
	return v.service.terms.get(termKey{typ, param, text}, v.service.now(), load)
}

func (v *vocabulary) decide(ctx context.Context, typ string) (*access.Decision, error) {
	if d, ok := v.reach[typ]; ok {
		return d, nil
	}
	d, err := allowed(v.service.policy.Decide(ctx, v.actor, access.Request{Interaction: access.Search, Type: typ}))
	if err == nil {
		v.reach[typ] = d
	}
	return d, err
}
