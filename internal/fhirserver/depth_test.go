package fhirserver

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// archive is a small hospital whose records have text, places and lists.
func archive(t *testing.T, db store.Store) *site {
	s := start(t, db)
	s.tokens["p1"] = access.Actor{Role: access.Participant, ID: "account", Client: "app", Patient: "p1", Scopes: scopes(t, "patient/*.rs")}
	s.tokens["union"] = access.Actor{
		Role: access.Participant, ID: "account", Client: "app", Patient: "p1",
		Scopes: scopes(t, "patient/Observation.rs?code=http://loinc.org|1 patient/Observation.rs?status=amended patient/Observation.rs?status=final&category=lab"),
	}
	for _, body := range []string{
		`{"resourceType":"Patient","id":"p1","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">shy <b>Person</b></div>"},"name":[{"family":"Schmidt","given":["Zoë"]}],"gender":"female","birthDate":"1980-02-03"}`,
		`{"resourceType":"Patient","id":"p2","name":[{"family":"Jones"}],"gender":"male"}`,
		`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1","display":"Heart rate"}]},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":60}}`,
		`{"resourceType":"Observation","id":"o2","status":"amended","code":{"coding":[{"system":"http://loinc.org","code":"2"}],"text":"rate of the heart"},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":90}}`,
		`{"resourceType":"Observation","id":"o3","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2"}]},"subject":{"reference":"Patient/p2"},"note":[{"text":"Heart failure"}]}`,
		`{"resourceType":"Observation","id":"o4","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2"}]},"category":[{"coding":[{"code":"lab"}]}],"subject":{"reference":"Patient/p1"}}`,
		`{"resourceType":"Observation","id":"o5","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2"}]},"subject":{"reference":"Patient/p1"}}`,
		`{"resourceType":"List","id":"l1","status":"current","mode":"working","subject":{"reference":"Patient/p1"},"entry":[{"item":{"reference":"Observation/o1"}},{"item":{"reference":"Observation/o3"}}]}`,
		`{"resourceType":"List","id":"l2","status":"current","mode":"working","subject":{"reference":"Patient/p2"},"entry":[{"item":{"reference":"Observation/o5"}}]}`,
		`{"resourceType":"List","id":"l3","status":"current","mode":"changes","entry":[{"deleted":true,"item":{"reference":"Observation/o1"}},{"deleted":false,"item":{"reference":"Observation/o2"}},
			{"deleted":true,"item":{"reference":"Observation/o4"}},{"item":{"reference":"Observation/o4"}},{"deleted":true,"item":{"reference":"Patient/p1"}},{"item":{"reference":"Patient/p2"}}]}`,
		`{"resourceType":"Location","id":"a","position":{"longitude":4.8952,"latitude":52.3702}}`,
		`{"resourceType":"Location","id":"u","position":{"longitude":5.1214,"latitude":52.0907}}`,
	} {
		s.call("all", "PUT /"+between(body, `"resourceType":"`, `"`)+"/"+between(body, `"id":"`, `"`), body).is(201)
		s.indexText(body)
	}
	return s
}

// indexText does what follows a write in the background.
func (s *site) indexText(body string) {
	s.t.Helper()
	root, err := tree.Parse([]byte(body))
	if err != nil {
		s.t.Fatal(err)
	}
	typ, id := root.Get("resourceType").Text(), root.Get("id").Text()
	err = s.store.Update(s.t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.(store.TextTx).PutTexts(ctx, []store.Text{{Key: search.KeyOf(typ, id), Full: search.Base().FullText(typ, root)}})
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestSearchInDepth(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := archive(t, db)
		for _, tt := range []struct{ token, query, want string }{
			{"all", "Observation?_content=heart", "o1 o2 o3"},
			{"all", `Observation?_content="heart failure"`, "o3"},
			{"all", "Observation?_content=heart -rate", "o3"},
			{"all", "Observation?_content=heart&status=final&subject=Patient/p1", "o1"},
			{"all", "Patient?_content=o1", ""},
			{"all", "Patient?_text=pers*", "p1"},
			{"all", "Patient?_text=zoe", ""},
			{"all", "Patient?_content=ZOE", "p1"},
			{"p1", "Observation?_content=heart", "o1 o2"},
			{"all", "Observation?code:text=heart", "o1 o2"},
			{"all", "Observation?code:text=rate of", "o2"},
			{"all", "Observation?code:text=heart&_sort=-code", "o2 o1"},
			{"all", "Observation?patient:Patient._text=person&status=amended", "o2"},
			{"all", "Patient?_has:Observation:patient:code:text=heart", "p1"},
			{"all", "Patient?phonetic=smith", "p1"},
			{"all", "Patient?_has:Observation:patient:_content=failure", "p2"},
			{"p1", "Patient?_has:Observation:patient:_content=failure", ""},
			{"all", `Patient?_filter=family sw "schm" and (gender eq female or birthdate lt 1900)`, "p1"},
			{"all", `Patient?_filter=not (gender eq female)`, "p2"},
			{"all", `Patient?_filter=birthdate pr false or phonetic eq "smyth"`, "p1 p2"},
			{"all", `Observation?_filter=patient.gender eq male or value-quantity gt 80`, "o2 o3"},
			{"all", `Observation?_filter=patient[gender eq female].family co "mid" and status ne final`, "o2"},
			{"all", `Observation?_filter=_content co "failure" or code eq http://loinc.org|1`, "o1 o3"},
			{"p1", `Observation?_filter=patient.gender eq male or value-quantity gt 80`, "o2"},
			{"p1", `Observation?_filter=not (patient.gender eq female)`, ""},
			{"all", "Observation?_list=l1", "o1 o3"},
			{"all", "Observation?_list=l1,List/l2&status=final", "o1 o3 o5"},
			{"all", "Observation?_list=l3", "o2 o4"}, // o1 is deleted from it
			{"all", "Observation?_list=l3,l1", "o1 o2 o3 o4"},
			{"all", "Observation?_list=l3&status=final", "o4"},
			{"all", "Observation?_list=l3,none&_sort=-_id", "o4 o2"},
			{"all", "Patient?_list=l3", "p2"},
			{"all", "?_list=l3&_type=Patient,Observation", "o2 o4 p2"},
			{"p1", "Observation?_list=l1", "o1"},
			{"p1", "Observation?_list=l2", ""}, // whose List is another's
			{"all", "Location?near=52.09|5.12|20|km", "u"},
			{"all", "Location?near=52.09|5.12|40|km&_sort=-_id", "u a"},
			{"all", "Location?near:missing=true", ""},
			{"union", "Observation", "o1 o2 o4"},
			{"union", "Observation?code=2&_sort=status", "o2 o4"},
			{"union", "Observation?_summary=count", ""},
			{"all", "Observation?patient:missing=false&status=amended", "o2"},
			{"all", "Observation?patient:missing=true", ""},
			{"all", "Patient?_has:List:subject:item:Observation.code=http://loinc.org|1", "p1"},
			{"all", "Patient?_has:Observation:patient:_has:List:item:_id=l1", "p1 p2"},
			{"p1", "Patient?_has:Observation:patient:_has:List:item:_id=l1", "p1"},
		} {
			name, query, _ := strings.Cut(tt.query, "?")
			r := s.call(tt.token, "GET /"+name+"?_total=accurate&"+escapedQuery(query), "").is(200)
			got := r.ids()
			if !strings.Contains(query, "_sort") {
				slices.Sort(got)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%s %s: %v, want %s", tt.token, tt.query, got, tt.want)
			}
			if total, _ := r.at("total").(float64); int(total) != len(got) && !strings.Contains(query, "_summary") {
				t.Errorf("%s %s: total %g of %d", tt.token, tt.query, total, len(got))
			}
		}
		for id, status := range map[string]int{"o1": 200, "o2": 200, "o3": 404, "o4": 200, "o5": 404} {
			s.call("union", "GET /Observation/"+id, "").is(status)
		}
		if r := s.call("union", "GET /Observation?_summary=count", "").is(200); r.at("total").(float64) != 3 {
			t.Errorf("%s", r.body)
		}
		s.call("all", "POST /Patient", `{"resourceType":"Patient"}`, "If-None-Exist", "_content=x").is(400)
	})
}

func escapedQuery(query string) string {
	if query == "" {
		return ""
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		pairs[i] = name + "=" + url.QueryEscape(value)
	}
	return strings.Join(pairs, "&")
}
