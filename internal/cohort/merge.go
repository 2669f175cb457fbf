package cohort

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/match"
	"tributary/internal/records"
	"tributary/internal/store"
)

// mostPairs bounds how many pairs of accounts are compared.
const mostPairs = 2000

// duplicateWork are pairs of accounts that look like one person: with the same birth
// date and a name alike, graded as $match grades.
func (s *Service) duplicateWork(ctx context.Context, p *picture) ([]Work, error) {
	var out []Work
	for _, pair := range p.pairs() {
		like, err := s.likeness(ctx, pair[0], pair[1])
		if err != nil {
			return nil, err
		}
		if like.Grade == "certain" || like.Grade == "probable" {
			older, newer := pair[0], pair[1]
			out = append(out, Work{Patient: newer.patient, Other: older.patient, Since: newer.joined, Why: like.Grade, Score: like.Score})
		}
	}
	return out, nil
}

// pairs are the people who share a birth date and a word of their names: the older
// account first, at most so many.
func (p *picture) pairs() [][2]*person {
	same := map[string][]*person{}
	for _, one := range p.inOrder() {
		words := strings.Fields(one.who)
		for _, name := range words[min(1, len(words)):] {
			same[one.born+" "+name] = append(same[one.born+" "+name], one)
		}
	}
	seen := map[[2]*person]bool{}
	var out [][2]*person
	for _, alike := range same {
		for i, a := range alike {
			for _, b := range alike[i+1:] {
				if pair := [2]*person{a, b}; !seen[pair] {
					seen[pair], out = true, append(out, pair)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]*person) int {
		return cmp.Or(a[1].joined.Compare(b[1].joined), strings.Compare(a[0].patient+a[1].patient, b[0].patient+b[1].patient))
	})
	return out[:min(mostPairs, len(out))]
}

// likeness compares two Patients; from the store itself, since it shows nobody.
func (s *Service) likeness(ctx context.Context, a, b *person) (match.Likeness, error) {
	first, err := s.Store.Read(ctx, "Patient", a.patient)
	if err != nil {
		return match.Likeness{}, err
	}
	second, err := s.Store.Read(ctx, "Patient", b.patient)
	if err != nil {
		return match.Likeness{}, err
	}
	return match.Compare(first.Body, second.Body)
}

// link is a Patient.link.
type link struct {
	Other struct {
		Reference string `json:"reference"`
	} `json:"other"`
	Type string `json:"type"`
}

func linkTo(patient, typ string) link {
	l := link{Type: typ}
	l.Other.Reference = "Patient/" + patient
	return l
}

// merge joins the account of d.Patient to that of d.Other, which stands from then
// on: Patient.link says so on both sides, and the first is no longer active.
// What either has stays where it is, so that unmerge takes all of it back.
func (s *Service) merge(ctx context.Context, _ access.Actor, d Decision) error {
	return s.linked(ctx, d, func(from, to *patient) error {
		if !from.active() || !to.active() {
			return errs.New(errs.Conflict, "one of the accounts has been joined to another already")
		}
		from.Active, to.Active = new(bool), nil
		from.links = append(from.links, linkTo(d.Other, "replaced-by"))
		to.links = append(to.links, linkTo(d.Patient, "replaces"))
		return nil
	})
}

// unmerge takes a merge back.
func (s *Service) unmerge(ctx context.Context, _ access.Actor, d Decision) error {
	return s.linked(ctx, d, func(from, to *patient) error {
		if !from.has(d.Other, "replaced-by") {
			return errs.New(errs.Conflict, "these accounts are not joined")
		}
		from.Active = nil
		from.without(d.Other, "replaced-by")
		to.without(d.Patient, "replaces")
		return nil
	})
}

// patient is a Patient resource that is changed in these two places.
type patient struct {
	Active *bool
	links  []link
	rest   map[string]json.RawMessage
	now    store.Resource
}

func (p *patient) active() bool { return p.Active == nil || *p.Active }

func (p *patient) has(other, typ string) bool { return slices.Contains(p.links, linkTo(other, typ)) }

func (p *patient) without(other, typ string) {
	p.links = slices.DeleteFunc(p.links, func(l link) bool { return l == linkTo(other, typ) })
}

// linked changes both Patients of a decision in one transaction.
func (s *Service) linked(ctx context.Context, d Decision, change func(from, to *patient) error) error {
	return s.Records.Write(ctx, job(), func(ctx context.Context, tx *records.Tx) error {
		if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: d.Patient}, {Type: "Patient", ID: d.Other}}); err != nil {
			return err
		}
		from, err := readPatient(ctx, tx, d.Patient)
		if err != nil {
			return err
		}
		to, err := readPatient(ctx, tx, d.Other)
		if err != nil {
			return err
		}
		if err := change(from, to); err != nil {
			return err
		}
		var drafts []records.Draft
		for _, p := range []*patient{from, to} {
			draft, err := p.draft()
			if err != nil {
				return err
			}
			drafts = append(drafts, draft)
		}
		_, err = tx.Put(ctx, drafts...)
		return err
	})
}

func readPatient(ctx context.Context, tx *records.Tx, id string) (*patient, error) {
	r, err := tx.Read(ctx, "Patient", id)
	if err != nil {
		return nil, err
	}
	p := &patient{now: r}
	if err := json.Unmarshal(r.Body, &p.rest); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(or(p.rest["active"], "null"), &p.Active); err != nil {
		return nil, err
	}
	return p, json.Unmarshal(or(p.rest["link"], "null"), &p.links)
}

func or(raw json.RawMessage, other string) []byte {
	if len(bytes.TrimSpace(raw)) == 0 {
		return []byte(other)
	}
	return raw
}

func (p *patient) draft() (records.Draft, error) {
	active, err := json.Marshal(p.active())
	if err != nil {
		return records.Draft{}, err
	}
	links, err := json.Marshal(p.links)
	if err != nil {
		return records.Draft{}, err
	}
	p.rest["active"], p.rest["link"] = active, links
	if len(p.links) == 0 {
		delete(p.rest, "link")
	}
	body, err := json.Marshal(p.rest)
	return records.Draft{Type: "Patient", ID: p.now.ID, JSON: body, IfVersion: p.now.Version}, err
}

// joined reports whether the one account stands for the other.
func (s *Service) joined(ctx context.Context, d Decision) (bool, error) {
	r, err := s.Store.Read(ctx, "Patient", d.Patient)
	if err != nil {
		return false, err
	}
	var body struct{ Link []link }
	err = json.Unmarshal(r.Body, &body)
	return slices.Contains(body.Link, linkTo(d.Other, "replaced-by")), err
}

// mergeable checks that both accounts are there for the staff, and apart or joined.
func (s *Service) mergeable(ctx context.Context, staff access.Actor, d Decision) error {
	if d.Other == "" || d.Other == d.Patient {
		return form.Faults{{Field: "other", Text: "Give the number of the other account."}}
	}
	if _, err := s.Records.Read(ctx, staff, "Patient", d.Other); err != nil {
		return err
	}
	joined, err := s.joined(ctx, d)
	if err == nil && joined == (d.Kind == Merging) {
		return errs.New(errs.Conflict, "%s", map[bool]string{true: "these accounts are joined already", false: "these accounts are not joined"}[joined])
	}
	return err
}
