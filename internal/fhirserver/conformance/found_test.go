package conformance

import (
	"net/url"
	"slices"
	"sync/atomic"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/search"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// task is one question about one example.
type task struct {
	example
	param parameter
	question
	alone bool // asked without _id too, page by page
}

// perParameter bounds how many values of one parameter of one example are asked
// for: a CodeSystem has thousands of codes.
const perParameter = 8

// Each official example is found by every search parameter that has a value in
// it, and not by a changed value.
func TestEachExampleIsFoundByEachValueInIt(t *testing.T) {
	fhirtest.Data(t, "r4-examples")
	all := examples(t)
	params := parameters(t, typesOf(all))
	found := oracle(t, params)
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		tasks := s.tasks(t, s.load(t, all), params, found)
		var failures atomic.Int32
		inParallel(tasks, func(k task) {
			if failures.Load() < 50 && !s.check(t, k) {
				failures.Add(1)
			}
		})
	})
}

func typesOf(all []example) []string {
	var types []string
	for _, e := range all {
		types = append(types, e.typ)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// tasks forms the questions, and counts them by kind so that none goes missing.
func (s *site) tasks(t *testing.T, stored []example, params map[string][]parameter, found []finding) []task {
	t.Helper()
	byFile := map[string]example{}
	for _, e := range stored {
		byFile[e.file] = e
	}
	var tasks []task
	kinds := map[string]int{}
	for _, f := range found {
		e, ok := byFile[f.File]
		if !ok {
			continue
		}
		i := slices.IndexFunc(params[e.typ], func(p parameter) bool { return p.Code == f.Code })
		for _, q := range asked(t, e, params[e.typ][i], f.Values) {
			kinds[params[e.typ][i].kind]++
			tasks = append(tasks, task{e, params[e.typ][i], q, len(tasks)%15 == 0})
		}
	}
	t.Log(kinds)
	for kind, least := range leastAsked {
		if kinds[kind] < least {
			t.Errorf("only %d values of %s are asked for", kinds[kind], kind)
		}
	}
	return tasks
}

var leastAsked = map[string]int{
	"token": 5000, "reference": 1500, "string": 500, "date": 1000, "number": 10, "quantity": 100, "uri": 40, "composite": 100,
}

func asked(t *testing.T, e example, p parameter, values []value) []question {
	t.Helper()
	var all []question
	for _, v := range values {
		questions, known := questions(p, v)
		if !known && v.Value != nil {
			t.Errorf("%s: no way to ask %s, a %s, for a %s", e.file, p.id, p.kind, v.Type)
		}
		for _, q := range questions {
			if len(all) < perParameter*3 && !slices.Contains(all, q) {
				all = append(all, q)
			}
		}
	}
	return all
}

// check asks for the right value and for the wrong one. The wrong one may be
// right elsewhere in the same example: then it says nothing.
func (s *site) check(t *testing.T, k task) bool {
	one := func(v string) []search.Pair {
		return []search.Pair{{Name: "_id", Value: k.id}, {Name: k.param.Code, Value: v}}
	}
	ok := true
	if got := s.find(t, k.typ, one(k.right)); len(got) != 1 || got[0] != k.id {
		t.Errorf("%s: %s?%s=%s does not find it: %v", k.file, k.typ, k.param.Code, k.right, got)
		ok = false
	}
	if got := s.find(t, k.typ, one(k.wrong)); len(got) != 0 {
		t.Errorf("%s: %s?%s=%s finds it", k.file, k.typ, k.param.Code, k.wrong)
		ok = false
	}
	if k.alone && ok {
		query := []search.Pair{{Name: k.param.Code, Value: k.right}, {Name: "_count", Value: "7"}}
		if got := s.find(t, k.typ, query); !slices.Contains(got, k.id) {
			t.Errorf("%s: %s?%s=%s finds %v alone", k.file, k.typ, k.param.Code, k.right, got)
			ok = false
		}
	}
	return ok
}

// find returns the ids of all pages: over HTTP, but for AuditEvents.
func (s *site) find(t *testing.T, typ string, query []search.Pair) []string {
	if typ == "AuditEvent" {
		return s.findEvents(t, query)
	}
	var ids []string
	for next := "/" + typ + "?" + records.EncodePairs(query); next != ""; {
		r := s.call(t, "GET "+next, "")
		if r.status != 200 {
			t.Errorf("%s: status %d: %.600s", unescaped(r.line), r.status, r.body)
			return nil
		}
		b := r.bundle(t)
		ids = append(ids, b.ids(t)...)
		next = b.link("next")
	}
	return ids
}

func unescaped(line string) string {
	if plain, err := url.QueryUnescape(line); err == nil {
		return plain
	}
	return line
}

func (s *site) findEvents(t *testing.T, query []search.Pair) []string {
	parsed, err := search.Base().ParseQuery("AuditEvent", query, search.Options{DefaultCount: 50, MaxCount: 50, Base: s.url})
	if err != nil {
		t.Errorf("%v: %v", query, err)
		return nil
	}
	page, err := s.store.Search(t.Context(), parsed.Query, nil)
	if err != nil {
		t.Errorf("%v: %v", query, err)
	}
	var ids []string
	for _, r := range page.Resources {
		ids = append(ids, r.ID)
	}
	return ids
}
