package terminology

import (
	"context"
	"slices"
)

// Translation asks what codes are elsewhere.
type Translation struct {
	Codings      []Coding // any of them; those of a CodeableConcept
	TargetSystem string   // only matches in this system
	Depends      []Dependency
	Reverse      bool // from the target of the maps to their source
}

// Match is one code that a map gives.
type Match struct {
	Equivalence string // of the target to the source that was asked about
	Concept     Coding
	Products    []Dependency
	Source      string // canonical of the map
}

// Translated is the answer: Found, when some match means more than that there is none.
type Translated struct {
	Found   bool
	Message string
	Matches []Match
}

// inverse is the equivalence as it is seen from the other side.
var inverse = map[string]string{"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}

// mapless are the equivalences that say that there is no such code.
var mapless = map[string]bool{"unmatched": true, "disjoint": true}

// Translate asks maps about codes (R4, operation ConceptMap-translate).
func (s *Service) Translate(ctx context.Context, maps []*ConceptMap, q Translation) (Translated, error) {
	t := translation{Service: s, ctx: ctx, Translation: q}
	for _, m := range maps {
		for _, c := range q.Codings {
			if err := t.through(m, c, nil); err != nil {
				return Translated{}, err
			}
		}
	}
	out := Translated{Matches: t.found}
	out.Found = slices.ContainsFunc(out.Matches, func(m Match) bool { return !mapless[m.Equivalence] })
	if !out.Found {
		out.Message = "no match is known here"
	}
	return out, nil
}

type translation struct {
	*Service
	Translation
	ctx   context.Context
	found []Match
}

// maxMaps bounds how many maps one leads to after another.
const maxMaps = 8

// through looks the code up in a map; before are the maps that led to it.
func (t *translation) through(m *ConceptMap, c Coding, before []*ConceptMap) error {
	if slices.Contains(before, m) || len(before) >= maxMaps {
		return fault(Unsupported, "the concept map %s leads back to itself, or through too many others", m.URL)
	}
	for i := range m.groups {
		g := &m.groups[i]
		switch {
		case t.Reverse:
			t.backward(m, g, c)
		case !t.at(g, c):
		case t.forward(m, g, c):
		default:
			if err := t.unmapped(m, g, c, append(before, m)); err != nil {
				return err
			}
		}
	}
	return nil
}

// at reports whether the group maps from the code's system to the one that is asked for.
func (t *translation) at(g *group, c Coding) bool {
	return fits(g.source, g.sourceVersion, c) && (t.TargetSystem == "" || t.TargetSystem == g.target)
}

func fits(system, version string, c Coding) bool {
	return (c.System == "" || c.System == system) && (c.Version == "" || version == "" || c.Version == version)
}

// forward reports whether the group has something to say of the code.
func (t *translation) forward(m *ConceptMap, g *group, c Coding) bool {
	rows, mapped := g.bySource[c.Code]
	for _, at := range rows {
		r := &g.rows[at]
		if t.depends(r) {
			t.add(Match{
				Equivalence: r.equivalence, Products: r.products, Source: m.canonical(),
				Concept: Coding{System: g.target, Version: g.targetVersion, Code: r.target, Display: r.targetDisplay},
			})
		}
	}
	return mapped
}

func (t *translation) backward(m *ConceptMap, g *group, c Coding) {
	if !fits(g.target, g.targetVersion, c) || t.TargetSystem != "" && t.TargetSystem != g.source {
		return
	}
	for _, at := range g.byTarget[c.Code] {
		r := &g.rows[at]
		equivalence := r.equivalence
		if turned, ok := inverse[equivalence]; ok {
			equivalence = turned
		}
		t.add(Match{
			Equivalence: equivalence, Source: m.canonical(),
			Concept: Coding{System: g.source, Version: g.sourceVersion, Code: r.code, Display: r.display},
		})
	}
}

func (t *translation) add(m Match) {
	same := func(o Match) bool {
		return o.Equivalence == m.Equivalence && o.Concept == m.Concept && o.Source == m.Source && slices.Equal(o.Products, m.Products)
	}
	if !slices.ContainsFunc(t.found, same) {
		t.found = append(t.found, m)
	}
}

func (m *ConceptMap) canonical() string {
	if m.Version == "" {
		return m.URL
	}
	return m.URL + "|" + m.Version
}

// depends holds the conditions of a mapping against what was given.
func (t *translation) depends(r *row) bool {
	for _, need := range r.dependsOn {
		if !slices.ContainsFunc(t.Depends, func(d Dependency) bool {
			return d.Property == need.Property && d.Value == need.Value && (need.System == "" || d.System == "" || d.System == need.System)
		}) {
			return false
		}
	}
	return true
}

// unmapped does what the group says of codes that it does not map.
func (t *translation) unmapped(m *ConceptMap, g *group, c Coding, before []*ConceptMap) error {
	match := Match{Source: m.canonical(), Concept: Coding{System: g.target, Version: g.targetVersion}}
	switch g.unmapped.mode {
	case "provided":
		match.Equivalence, match.Concept.Code, match.Concept.Display = "equal", c.Code, c.Display
	case "fixed":
		match.Equivalence, match.Concept.Code, match.Concept.Display = "inexact", g.unmapped.code, g.unmapped.display
	case "other-map":
		return t.otherMap(g.unmapped.url, c, before)
	default:
		return nil
	}
	t.add(match)
	return nil
}

func (t *translation) otherMap(canonical string, c Coding, before []*ConceptMap) error {
	other, err := t.From.ConceptMap(t.ctx, canonical)
	if err == nil && other == nil {
		err = fault(NotFound, "the concept map %.200s, to which another leads, is not known here", canonical)
	}
	if err != nil {
		return err
	}
	return t.through(other, c, before)
}
