package fhirserver

import (
	"encoding/json"
	"net/http"
	"strings"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// encounterEverything answers Encounter/id/$everything (R4, operation
// Encounter-everything).
func encounterEverything(s *Server, w http.ResponseWriter, r *request) error {
	where := "Encounter/" + r.id + "/$everything"
	asked, after, err := s.asked(w, r, where)
	if err != nil {
		return err
	}
	q, err := everythingOf(asked)
	if err != nil {
		return err
	}
	if q.Start != "" || q.End != "" {
		return errs.New(errs.Invalid, "$everything of an Encounter takes _since, _type and _count")
	}
	page, err := s.config.Records.EncounterEverything(r.Context(), r.actor, records.EncounterEverything{
		Encounter: r.id, Types: q.Types, Since: q.Since, Count: q.Count, Query: q.Query, After: after,
	})
	if err != nil {
		return err
	}
	return s.answerEverything(w, r, where, asked, page)
}

// everybody answers Patient/$everything and Group/id/$everything (R4, operations
// Patient-everything and Group-everything): the records of all the people whom the client
// finds, or who are in the Group, one after the other. A page is about one of them.
func everybody(s *Server, w http.ResponseWriter, r *request) error {
	where, people := "Patient/$everything", records.Search{Type: "Patient", Query: []search.Pair{{Name: "_count", Value: "1"}}}
	var left map[string]bool
	if r.id != "" {
		where = "Group/" + r.id + "/$everything"
		group, err := s.config.Records.Read(r.Context(), r.actor, "Group", r.id)
		if err != nil {
			return err
		}
		if left, err = whoLeft(group); err != nil {
			return err
		}
		people.Query = append(people.Query, search.Pair{Name: "_has:Group:member:_id", Value: r.id})
	}
	asked, after, err := s.asked(w, r, where)
	if err != nil {
		return err
	}
	q, err := everythingOf(asked)
	if err != nil {
		return err
	}
	page, err := s.turn(r, people, left, q, after)
	if err != nil {
		return err
	}
	return s.answerEverything(w, r, where, asked, page)
}

// whoLeft are the Patients who are members of the Group no more.
func whoLeft(group store.Resource) (map[string]bool, error) {
	root, err := tree.Parse(group.Body)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "Group/%s cannot be read back", group.ID)
	}
	left := map[string]bool{}
	for m := range root.Get("member").Elements() {
		if m.Get("inactive").Text() == "true" {
			ref := m.At("entity", "reference").Text()
			left[ref[strings.LastIndexByte(ref, '/')+1:]] = true
		}
	}
	return left, nil
}

// place is where a page of the records of several people begins: whose turn it is, and
// how far they are.
type turnPlace struct {
	People *store.Cursor `json:"p,omitempty"` // after whom
	Record *store.Cursor `json:"r,omitempty"` // after what of theirs
}

func (p turnPlace) cursor() (*store.Cursor, error) {
	text, err := json.Marshal(p)
	return &store.Cursor{Sort: []any{string(text)}}, err
}

func turnPlaceOf(c *store.Cursor) (p turnPlace, err error) {
	if c == nil {
		return p, nil
	}
	text, ok := "", len(c.Sort) == 1
	if ok {
		text, ok = c.Sort[0].(string)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // as whoever opens a cursor does
	if !ok || d.Decode(&p) != nil {
		return p, errs.New(errs.Invalid, "the page link does not belong here")
	}
	return p, nil
}

// turn is a page about the next of the people.
func (s *Server) turn(r *request, people records.Search, left map[string]bool, q records.Everything, after *store.Cursor) (page records.Page, err error) {
	at, err := turnPlaceOf(after)
	if err != nil {
		return page, err
	}
	people.After = at.People
	who, err := s.config.Records.Search(r.Context(), r.actor, people)
	if err != nil || len(who.Resources) == 0 {
		return records.Page{Page: store.Page{Total: -1}}, err
	}
	if id := who.Resources[0].ID; !left[id] {
		q.Patient, q.After = id, at.Record
		if page, err = s.config.Records.Everything(r.Context(), r.actor, q); err != nil {
			return page, err
		}
	}
	page.Total = -1
	switch {
	case page.Next != nil:
		page.Next, err = turnPlace{at.People, page.Next}.cursor()
	case who.Next != nil:
		page.Next, err = turnPlace{People: who.Next}.cursor()
	}
	return page, err
}
