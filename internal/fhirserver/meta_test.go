package fhirserver

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const labelled = `{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"profile":["http://example.org/p"],"tag":[{"system":"http://example.org/t","code":"a"},{"system":"http://example.org/t","code":"b"}]}}]}`

func TestMetaOperations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		s.call("all", "PUT /Basic/b", `{"resourceType":"Basic","id":"b","meta":{"tag":[{"system":"http://example.org/t","code":"a","display":"A"}]},"code":{"text":"x"}}`).is(201)
		r := s.call("all", "POST /Basic/b/$meta-add", labelled).is(200)
		tags, _ := r.at("parameter", 0, "valueMeta", "tag").([]any)
		if len(tags) != 2 || r.text("parameter", 0, "valueMeta", "tag", 0, "display") != "A" || r.text("parameter", 0, "valueMeta", "profile", 0) != "http://example.org/p" ||
			r.text("parameter", 0, "valueMeta", "versionId") != "2" {
			t.Errorf("added: %s", r.body)
		}
		// What is there already makes no version.
		if r := s.call("all", "POST /Basic/b/%24meta-add", labelled).is(200); r.text("parameter", 0, "valueMeta", "versionId") != "2" {
			t.Errorf("again: %s", r.body)
		}
		if ids := s.call("all", "GET /Basic?_tag=http://example.org/t|b", "").is(200).ids(); len(ids) != 1 {
			t.Errorf("searched: %v", ids)
		}
		r = s.call("all", "POST /Basic/b/$meta-delete", labelled).is(200)
		if r.at("parameter", 0, "valueMeta", "tag") != nil || r.at("parameter", 0, "valueMeta", "profile") != nil || r.text("parameter", 0, "valueMeta", "versionId") != "3" {
			t.Errorf("deleted: %s", r.body)
		}
		if got := s.call("all", "GET /Basic/b/$meta", "").is(200); got.text("parameter", 0, "valueMeta", "versionId") != "3" {
			t.Errorf("read: %s", got.body)
		}
		if text := s.call("all", "GET /Basic/b", "").is(200).text("code", "text"); text != "x" {
			t.Errorf("the rest: %q", text)
		}
		for line, status := range map[string]int{
			"all GET /Basic/none/$meta": 404, "p1 GET /Patient/p2/$meta": 404, "p1 GET /Patient/p1/$meta": 200,
			"all GET /Nothing/b/$meta": 404, "all GET /Basic/b/$meta-add": 405,
		} {
			token, line, _ := strings.Cut(line, " ")
			s.call(token, line, "").is(status)
		}
		s.call("p1", "POST /Patient/p1/$meta-add", labelled).is(403)
		s.call("all", "POST /Basic/b/$meta-add", `{"resourceType":"Parameters"}`).is(400)
	})
}

// Labels that are added at the same time are all there afterwards.
func TestRacingMetaAdds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				s.call("all", "POST /Patient/p1/$meta-add", strings.ReplaceAll(labelled, `"code":"a"`, fmt.Sprintf(`"code":"race-%d"`, i))).is(200)
			})
		}
		group.Wait()
		tags, _ := s.call("all", "GET /Patient/p1", "").is(200).at("meta", "tag").([]any)
		if len(tags) != 5 {
			t.Errorf("%v", tags)
		}
	})
}

func TestLastN(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		for i, code := range []string{
			`{"coding":[{"system":"s","code":"w"}]}`, `{"coding":[{"system":"s","code":"w"},{"system":"s2","code":"w2"}]}`, `{"coding":[{"system":"s2","code":"w2"}]}`,
			`{"text":"Mood"}`, `{"text":"mood"}`, `{"coding":[{"system":"other","code":"w"}]}`,
		} {
			s.call("all", fmt.Sprintf("PUT /Observation/n%d", i), fmt.Sprintf(`{"resourceType":"Observation","id":"n%d","status":"final","category":[{"coding":[{"code":"vital-signs"}]}],
				"code":%s,"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2024-01-0%d"}`, i, code, i+1)).is(201)
		}
		for query, want := range map[string]string{
			"patient=p1&category=vital-signs":                   "n5 n4 n2",
			"subject=Patient/p1&category=vital-signs&max=2":     "n5 n4 n3 n2 n1",
			"patient=p1&category=vital-signs&max=9":             "n5 n4 n3 n2 n1 n0",
			"patient=p1&code=s|w":                               "n1",
			"patient=p1&category=vital-signs&date=lt2024-01-04": "n2",
			"patient=p2&category=vital-signs":                   "",
		} {
			r := s.call("all", "GET /Observation/$lastn?"+query, "").is(200)
			if got := strings.Join(r.ids(), " "); got != want || fmt.Sprint(r.at("total")) != fmt.Sprint(len(strings.Fields(want))) {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		if got := s.call("p1", "GET /Observation/$lastn?patient=p2&category=vital-signs,laboratory&code=1", "").is(200).ids(); len(got) != 0 {
			t.Errorf("another's: %v", got)
		}
		posted := s.call("all", "POST /Observation/$lastn", `{"resourceType":"Parameters","parameter":[{"name":"patient","valueString":"p1"},{"name":"code","valueString":"s|w"},{"name":"max","valuePositiveInt":2}]}`).is(200)
		if got := strings.Join(posted.ids(), " "); got != "n1 n0" {
			t.Errorf("posted: %s", got)
		}
		for _, query := range []string{"category=vital-signs", "patient=p1", "patient=p1&category=a&max=0", "patient=p1&category=a&_sort=date", "patient=p1&category=a&nonsense=1"} {
			s.call("all", "GET /Observation/$lastn?"+query, "").is(400)
		}
	})
}
