package terminology_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Searches ask the terminology: codes in a value set, above and below another.
func TestSearchByMeaning(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		for _, code := range []string{"animal", "dog", "poodle", "bird", "dodo", "Stone"} {
			s.put(fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"coding":[{"system":"http://example.org/animals","code":%q}]}}`, strings.ToLower(code), code))
		}
		for query, want := range map[string]string{
			"code:below=http://example.org/animals|dog":                                                    "dog poodle",
			"code:below=http://example.org/animals|animal":                                                 "animal bird dodo dog poodle",
			"code:above=http://example.org/animals|dodo":                                                   "animal bird dodo",
			"code:above=http://example.org/animals|Stone":                                                  "stone",
			"code:in=http://example.org/vs/both":                                                           "bird dodo",
			"code:in=http://example.org/vs/less":                                                           "animal bird dodo",
			"code:in=http://example.org/vs/two|1":                                                          "bird dodo",
			"code:in=ValueSet/both":                                                                        "bird dodo",
			"code:not-in=http://example.org/vs/below":                                                      "animal stone",
			"status:in=http://hl7.org/fhir/ValueSet/observation-status&code:in=http://example.org/vs/dogs": "dog poodle",
		} {
			var ids []string
			for e := range s.call("all", "GET /Observation?"+escaped(query), "").is(200).root().Get("entry").Elements() {
				ids = append(ids, e.At("resource", "id").Text())
			}
			slices.Sort(ids)
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		for _, query := range []string{"code:below=http://example.org/animals|none", "code:below=http://example.org/none|dog", "code:in=http://example.org/vs/round", "code:in=http://example.org/vs/closed|2"} {
			s.call("all", "GET /Observation?"+escaped(query), "").is(400)
		}
	})
}

func escaped(query string) string {
	var parts []string
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		parts = append(parts, name+"="+url.QueryEscape(value))
	}
	return strings.Join(parts, "&")
}
