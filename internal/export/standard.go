package export

import (
	"bytes"
	"context"
	"slices"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/export/deid"
	"tributary/internal/store"
)

// followed are the types in nobody's compartment without which a record is not
// readable: they leave with what refers to them, where the client may see them.
var followed = []string{"Device", "Location", "Medication", "Organization", "Practitioner", "PractitionerRole"}

// standardTypes are the types of patients' records that the client may search.
func standardTypes(ctx context.Context, s *Service, a access.Actor) ([]string, error) {
	var types []string
	for _, typ := range store.TypeNames() {
		if access.ClassOf(typ) != access.InPatient && !slices.Contains(followed, typ) {
			continue
		}
		_, err := s.Access.Decide(ctx, a, access.Request{Interaction: access.Search, Type: typ})
		switch {
		case err == nil:
			types = append(types, typ)
		case !errs.Is(err, errs.Forbidden):
			return nil, err
		}
	}
	if len(types) == 0 {
		return nil, errs.New(errs.Forbidden, "no scope of the token covers what could be exported")
	}
	return types, nil
}

// admitsStandard: an ehr client has those who share their records with its provider, maintenance
// everyone who has not withdrawn.
func admitsStandard(a access.Actor, p access.Permissions) (ehr, ok bool) {
	ok = !p.Withdrawn && (p.From(a.Provider) || a.Role == access.Maintenance)
	return ok && p.EHR, ok
}

// standardLines are resources as they are stored, of what the client may see.
type standardLines struct {
	narrowed map[string][]search.Clause
	types    []string
	patient  string
	refs     []store.Ref // each once
	given    int         // how many of them were handed out
}

func openStandard(ctx context.Context, r *run) (lines, error) {
	l := &standardLines{narrowed: map[string][]search.Clause{}, types: r.release.Types}
	for _, typ := range r.release.Types {
		d, err := r.Access.Decide(ctx, r.actor, access.Request{Interaction: access.Search, Type: typ})
		if err != nil {
			return nil, err
		}
		l.narrowed[typ] = d.Narrow
		if updated, ok := r.Registry.Lookup(typ, search.LastUpdated); ok && !r.release.Since.IsZero() {
			l.narrowed[typ] = append(slices.Clone(d.Narrow), after(updated, r.release.Since.UnixMicro()))
		}
	}
	return l, nil
}

// after is the condition that a resource changed after a time.
func after(updated *search.Param, micros int64) search.Clause {
	return search.Clause{Param: updated, AnyOf: []search.Value{search.DateValue{Prefix: search.Gt, Lo: micros, Hi: micros}}}
}

func (l *standardLines) narrow(typ string) []search.Clause { return l.narrowed[typ] }

func (l *standardLines) person(_ context.Context, m store.ReleaseMember) error {
	l.patient, l.refs, l.given = m.Patient, nil, 0
	return nil
}

func (l *standardLines) line(dst []byte, res store.Resource) ([]byte, bool, error) {
	root, err := tree.Parse(res.Body)
	if err != nil {
		return dst, false, err
	}
	if !slices.Contains(followed, res.Type) && !deid.About(root, l.patient) {
		return dst, false, nil
	}
	root.Walk(func(v tree.Value) bool {
		if v.Key() == "reference" && v.Kind() == tree.String {
			l.refer(v.Text())
		}
		return true
	})
	start := len(dst)
	dst = append(dst, res.Body...)
	unbroken(dst[start:])
	return dst, true, nil
}

func (l *standardLines) refer(text string) {
	ref := fhir.ParseReference(text)
	target := store.Ref{Type: ref.Type, ID: ref.ID}
	if ref.Kind == fhir.RefLiteral && slices.Contains(followed, ref.Type) && slices.Contains(l.types, ref.Type) && !slices.Contains(l.refs, target) {
		l.refs = append(l.refs, target)
	}
}

func (l *standardLines) shared() []store.Ref {
	refs := l.refs[l.given:]
	l.given = len(l.refs)
	return refs
}

// unbroken makes one line of JSON: outside of strings a line's end is a space,
// and inside of them it cannot stand.
func unbroken(line []byte) {
	for _, end := range []byte("\n\r") {
		for i := bytes.IndexByte(line, end); i >= 0; i = bytes.IndexByte(line, end) {
			line[i] = ' '
		}
	}
}
