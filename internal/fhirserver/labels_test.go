package fhirserver

import (
	"fmt"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// meta is the union of what $meta answers: profiles, security labels and tags by code.
func (r reply) meta() string {
	var b strings.Builder
	for _, name := range []string{"profile", "security", "tag"} {
		list, _ := r.at("parameter", 0, "valueMeta", name).([]any)
		for _, v := range list {
			if label, ok := v.(map[string]any); ok {
				v = label["code"]
			}
			fmt.Fprint(&b, name, ":", v, " ")
		}
	}
	return strings.TrimSpace(b.String())
}

// $meta of a type and of all is the union of what is in use, of what the caller reaches.
func TestLabelsInUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		before := s.call("all", "GET /Patient/$meta", "").is(200).meta()
		for i, meta := range []string{
			`"profile":["http://x.y/p1"],"tag":[{"system":"urn:t","code":"b"},{"code":"bare"}]`,
			`"profile":["http://x.y/p2","http://x.y/p1"],"tag":[{"system":"urn:t","code":"b"}]`,
			`"security":[{"system":"urn:s","code":"R"}],"tag":[{"system":"urn:t","code":"a"},{"system":"urn:u","code":"a"}]`,
		} {
			s.call("all", fmt.Sprintf("PUT /Basic/m%d", i), fmt.Sprintf(`{"resourceType":"Basic","id":"m%d","meta":{%s},"code":{"text":"x"}}`, i, meta)).is(201)
		}
		const all = "profile:http://x.y/p1 profile:http://x.y/p2 security:R tag:a tag:b tag:a tag:bare"
		for _, line := range []string{"GET /Basic/$meta", "POST /Basic/$meta", "GET /Basic/%24meta"} {
			if got := s.call("all", line, "").is(200).meta(); got != all {
				t.Errorf("%s: %s", line, got)
			}
		}
		if got := s.call("all", "GET /$meta", "").is(200).meta(); !strings.Contains(got, "profile:http://x.y/p2") || !strings.Contains(got, "tag:bare") {
			t.Errorf("of all: %s", got)
		}
		if got := s.call("all", "GET /Patient/$meta", "").is(200).meta(); got != before {
			t.Errorf("of Patients: %s, before %s", got, before)
		}
		s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1","meta":{"tag":[{"code":"mine"}]}}`).is(200)
		s.call("all", "PUT /Patient/p2", `{"resourceType":"Patient","id":"p2","meta":{"tag":[{"code":"others"}]}}`).is(200)
		for _, line := range []string{"GET /Patient/$meta", "GET /$meta"} {
			if got := s.call("p1", line, "").is(200).meta(); !strings.Contains(got, "tag:mine") || strings.Contains(got, "others") {
				t.Errorf("who reaches one Patient, %s: %s", line, got)
			}
		}
		s.call("all", "DELETE /Basic/m1", "").is(204)
		s.call("all", "DELETE /Basic/m2", "").is(204)
		if got := s.call("all", "GET /Basic/$meta", "").is(200).meta(); got != "profile:http://x.y/p1 tag:b tag:bare" {
			t.Errorf("after deletions: %s", got)
		}
		s.call("all", "DELETE /Basic/m0", "").is(204)
		if got := s.call("all", "GET /Basic/$meta", "").is(200); string(got.body) != `{"resourceType":"Parameters"}` {
			t.Errorf("without any: %s", got.body)
		}
		s.call("all", "GET /AuditEvent/$meta", "").is(404)
		s.call("all", "GET /Nothing/$meta", "").is(404)
		s.call("narrow", "GET /Claim/$meta", "").is(403)
	})
}

// More labels than can be told are refused, and one type's are still told.
func TestTooManyLabels(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		var tags []string
		for i := range 1001 {
			tags = append(tags, fmt.Sprintf(`{"system":"urn:t","code":"c%d"}`, i))
		}
		s.call("all", "PUT /Basic/many", `{"resourceType":"Basic","id":"many","meta":{"tag":[`+strings.Join(tags, ",")+`]},"code":{"text":"x"}}`).is(201)
		for _, line := range []string{"GET /Basic/$meta", "GET /$meta"} {
			if r := s.call("all", line, ""); r.status/100 != 4 || !strings.Contains(string(r.body), `"too-costly"`) {
				t.Errorf("%s: %d %.300s", line, r.status, r.body)
			}
		}
		s.call("all", "GET /Patient/$meta", "").is(200)
	})
}
