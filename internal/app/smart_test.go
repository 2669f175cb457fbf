package app

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// What a token may do, tested over HTTP on the whole service; the numbers are those
// of the table in docs/security.md.

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// granularScope lets an app see two kinds of Observations, and of Conditions one.
const granularScope = "launch/patient patient/Patient.rs patient/Encounter.rs patient/Observation.rs?category=laboratory" +
	" patient/Observation.rs?category=" + observationCategory + "|social-history patient/Condition.rs?category=" + conditionCategory + "|problem-list-item"

// TestSMARTGranularScopes: SMART App Launch 2.2, "Finer-grained resource constraints
// using search parameters"; 6.6, 6.7 and 6.8: what the scopes match is seen by every
// route, and nothing else by any.
func TestSMARTGranularScopes(t *testing.T) {
	eachSmartWorld(t, func(w *smartWorld) {
		token := w.app(granularScope)
		w.t.Run("6.7 searches answer exactly what matches", func(*testing.T) { w.granularSearches(token) })
		w.t.Run("6.7 a read of another is not found, and nothing else", func(*testing.T) { w.granularReads(token) })
		w.t.Run("6.7 no route round them", func(*testing.T) { w.granularRoutes(token) })
	})
}

func (w *smartWorld) granularSearches(token string) {
	both := "[anna-laboratory anna-social-history]"
	for query, want := range map[string]string{
		"Observation":                                                               both,
		"Observation?patient=anna":                                                  both,
		"Observation?category=laboratory":                                           "[anna-laboratory]",
		"Observation?category=laboratory,vital-signs":                               "[anna-laboratory]",
		"Observation?category=vital-signs":                                          "[]",
		"Observation?category:not=laboratory":                                       "[anna-social-history]",
		"Observation?_id=anna-vital-signs":                                          "[]",
		"Observation?patient=ben":                                                   "[]",
		"Patient/anna/Observation":                                                  both,
		"Observation?has-member=Observation/anna-vital-signs":                       "[anna-laboratory]",
		"Observation?has-member:Observation.category=vital-signs":                   "[]",
		"Observation?encounter:Encounter.status=finished":                           both,
		"Observation?subject:Patient._has:Observation:subject:category=vital-signs": "[]",
	} {
		got := w.call(token, "GET", query, "")
		if ids := fmt.Sprint(got.ids("Observation")); got.status != 200 || ids != want {
			w.t.Errorf("%s: %d %s, want %s", query, got.status, ids, want)
		}
	}
	for query, want := range map[string]string{
		"Patient?_has:Observation:subject:category=laboratory":      "[anna]",
		"Patient?_has:Observation:subject:category=vital-signs":     "[]",
		"Patient?_has:Condition:subject:category=problem-list-item": "[anna]",
		"Patient?_has:Condition:subject:category=health-concern":    "[]",
	} {
		if got := w.call(token, "GET", query, ""); fmt.Sprint(got.ids("Patient")) != want {
			w.t.Errorf("%s: %d %s, want %s", query, got.status, got.text, want)
		}
	}
	counted := w.call(token, "GET", "Observation?_summary=count", "")
	posted := w.call(token, "POST", "Observation/_search", "patient=anna", "Content-Type", "application/x-www-form-urlencoded")
	if !strings.Contains(counted.text, `"total":2`) || fmt.Sprint(posted.ids("Observation")) != both {
		w.t.Errorf("count %s; _search %d %s", counted.text, posted.status, posted.text)
	}
}

func (w *smartWorld) granularReads(token string) {
	for path, status := range map[string]int{
		"Observation/anna-laboratory": 200, "Observation/anna-laboratory/_history/1": 200, "Observation/anna-laboratory/_history": 200,
		"Condition/anna-problem-list-item": 200, "Patient/anna": 200,
		"Observation/anna-vital-signs": 404, "Observation/anna-vital-signs/_history/1": 404, "Observation/anna-vital-signs/_history": 404,
		"Condition/anna-health-concern": 404, "Observation/ben-laboratory": 404, "Observation/nobody": 404,
		"Procedure/x": 403, "Procedure": 403,
	} {
		got := w.call(token, "GET", path, "")
		if got.status != status || status != 200 && !strings.Contains(got.text, `"resourceType":"OperationOutcome"`) {
			w.t.Errorf("%s: %d %s, want %d", path, got.status, got.text, status)
		}
	}
	hidden, none := w.call(token, "GET", "Observation/anna-vital-signs", ""), w.call(token, "GET", "Observation/anna-no-such-one", "")
	if hidden.text != none.text {
		w.t.Errorf("what is hidden is told from what is not there: %s, %s", hidden.text, none.text)
	}
}

func (w *smartWorld) granularRoutes(token string) {
	batch := `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Observation/anna-vital-signs"}},
		{"request":{"method":"GET","url":"Observation"}},{"request":{"method":"GET","url":"Observation/anna-laboratory"}}]}`
	for _, row := range []struct{ method, path, body string }{
		{"GET", "Observation?_include=Observation:has-member", ""},
		{"GET", "Observation?_include=*", ""},
		{"GET", "Observation?_include=Observation:has-member&_include:iterate=Observation:has-member", ""},
		{"GET", "Patient?_revinclude=Observation:subject", ""},
		{"GET", "Encounter?_revinclude=Observation:encounter", ""},
		{"GET", "Observation/_history", ""},
		{"GET", "_history", ""},
		{"GET", "Patient/anna/$everything", ""},
		{"GET", "Encounter/anna-visit/$everything", ""},
		{"GET", "Observation/$lastn?patient=anna&category=vital-signs", ""},
		{"GET", "Observation?_sort=-_lastUpdated&_count=1", ""},
		{"GET", "Observation?_graphql=" + url.QueryEscape("{entry{resource{id}}}"), ""},
		{"GET", "$graphql?query=" + url.QueryEscape("{ObservationList{id}}"), ""},
		{"GET", "$graphql?query=" + url.QueryEscape(`{Patient(id:"anna"){id ObservationList(_reference:subject){id}}}`), ""},
		{"GET", "$graphql?query=" + url.QueryEscape(`{Observation(id:"anna-laboratory"){hasMember{resource{... on Observation{id category{coding{code}}}}}}}`), ""},
		{"GET", "$graphql?query=" + url.QueryEscape(`{Observation(id:"anna-vital-signs"){id status}}`), ""},
		{"POST", "", batch},
		{"GET", "?_type=Observation,Condition", ""},
	} {
		got := w.call(token, row.method, row.path, row.body)
		if seen := got.seen(); seen != "" || got.status >= 500 {
			w.t.Errorf("%s %s: %d shows %s", row.method, row.path, got.status, seen)
		}
	}
}

// seen is a resource in an answer that the granular scopes do not match: as itself,
// not as what one that they match refers to.
func (r reply) seen() string {
	var value any
	if json.Unmarshal([]byte(r.text), &value) != nil {
		return ""
	}
	return unmatched(value)
}

func unmatched(value any) string {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			if id := unmatched(item); id != "" {
				return id
			}
		}
	case map[string]any:
		if id, _ := v["id"].(string); slices.ContainsFunc([]string{"vital-signs", "survey", "sdoh", "health-concern", "encounter-diagnosis", "ben"},
			func(end string) bool { return strings.HasSuffix(id, "-"+end) || strings.HasPrefix(id, end) }) {
			return id
		}
		for _, member := range v {
			if id := unmatched(member); id != "" {
				return id
			}
		}
	}
	return ""
}

// TestSMARTCategories: 6.6, each category that US Core's granular scopes name.
func TestSMARTCategories(t *testing.T) {
	w := newSmartWorld(t)
	for typ, categories := range map[string]map[string]string{"Observation": observations, "Condition": conditions} {
		for category, system := range categories {
			t.Run("6.6 "+typ+" "+category, func(t *testing.T) {
				token := w.app("launch/patient patient/" + typ + ".rs?category=" + system + "|" + category)
				if got := fmt.Sprint(w.call(token, "GET", typ, "").ids(typ)); got != "[anna-"+category+"]" {
					t.Errorf("%s", got)
				}
			})
		}
	}
}

// TestSMARTLetters: 6.2, what each letter of a scope is good for.
func TestSMARTLetters(t *testing.T) {
	w := newSmartWorld(t)
	body := `{"resourceType":"Observation","id":"anna-survey","status":"final","code":{"text":"y"},"subject":{"reference":"Patient/anna"}}`
	calls := map[string]struct{ letter, method, path, body string }{
		"create":           {"c", "POST", "Observation", body},
		"read":             {"r", "GET", "Observation/anna-survey", ""},
		"vread":            {"r", "GET", "Observation/anna-survey/_history/1", ""},
		"instance history": {"r", "GET", "Observation/anna-survey/_history", ""},
		"update":           {"u", "PUT", "Observation/anna-survey", body},
		"search":           {"s", "GET", "Observation?patient=anna", ""},
		"type history":     {"s", "GET", "Observation/_history", ""},
		"delete":           {"d", "DELETE", "Observation/anna-sdoh", ""},
	}
	for _, letter := range []string{"c", "r", "u", "s", "d"} {
		token := w.system("system/Observation." + letter)
		for name, c := range calls {
			t.Run("6.2 "+letter+" "+name, func(t *testing.T) {
				got := w.call(token, c.method, c.path, c.body)
				if allowed := got.status < 300; allowed != (c.letter == letter) || !allowed && got.status != 403 {
					t.Errorf("%d %.200s", got.status, got.text)
				}
			})
		}
	}
}

// TestSMARTPatchLetter: 6.2, u is good for a patch too.
func TestSMARTPatchLetter(t *testing.T) {
	w := newSmartWorld(t)
	for letters, status := range map[string]int{"ru": 200, "u": 200, "r": 403, "cd": 403} {
		t.Run("6.2 "+letters+" patch", func(t *testing.T) {
			got := w.call(w.system("system/Observation."+strings.Replace(letters, "cd", "crds", 1)), "PATCH", "Observation/anna-survey",
				`[{"op":"replace","path":"/status","value":"amended"}]`, "Content-Type", "application/json-patch+json")
			if got.status != status {
				t.Errorf("%d %s, want %d", got.status, got.text, status)
			}
		})
	}
}

// TestSMARTBlindPatch: 6.2, who may update and not read patches, and is told nothing
// of what is there.
func TestSMARTBlindPatch(t *testing.T) {
	w := newSmartWorld(t)
	token := w.system("system/Observation.us")
	const jsonPatch, parameters = "application/json-patch+json", "application/fhir+json"
	fhirPath := func(typ, path string) string {
		return `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"` + typ +
			`"},{"name":"path","valueString":"` + path + `"},{"name":"value","valueCode":"amended"}]}]}`
	}
	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"replace":      {jsonPatch, `[{"op":"replace","path":"/status","value":"amended"}]`, 200},
		"test":         {jsonPatch, `[{"op":"test","path":"/status","value":"final"}]`, 403},
		"copy":         {jsonPatch, `[{"op":"copy","from":"/code/text","path":"/language"}]`, 403},
		"move":         {jsonPatch, `[{"op":"move","from":"/code/text","path":"/language"}]`, 403},
		"not there":    {jsonPatch, `[{"op":"replace","path":"/bodySite/text","value":"x"}]`, 422},
		"no operation": {jsonPatch, `[{"op":"replace"}]`, 400},
		"a place":      {parameters, fhirPath("replace", "Observation.status"), 200},
		"a condition":  {parameters, fhirPath("replace", "Observation.where(code.text='y').status"), 403},
		"moved":        {parameters, fhirPath("move", "Observation.category"), 403},
		"no such":      {parameters, fhirPath("replace", "Observation.bodySite.text"), 422},
	} {
		t.Run("6.2 "+name, func(t *testing.T) {
			for _, prefer := range []string{"return=representation", ""} {
				got := w.call(token, "PATCH", "Observation/anna-survey", c.body, "Content-Type", c.kind, "Prefer", prefer)
				if got.status != c.status || strings.Contains(got.text, "anna") || strings.Contains(got.text, "bodySite") {
					t.Errorf("%d %s, want %d", got.status, got.text, c.status)
				}
			}
		})
	}
	batch := `{"resourceType":"Bundle","type":"%s","entry":[{"resource":` + fhirPath("replace", "Observation.status") + `,"request":{"method":"PATCH","url":"Observation/anna-survey"}}]}`
	for _, typ := range []string{"batch", "transaction"} {
		got := w.call(token, "POST", "", strings.Replace(batch, "%s", typ, 1), "Prefer", "return=representation")
		if got.status != 200 || !strings.Contains(got.text, `"200 OK"`) || strings.Contains(got.text, "subject") {
			t.Errorf("%s: %d %s", typ, got.status, got.text)
		}
	}
}

// TestSMARTResourceServer: RFC 6750; SMART App Launch 2.2, "Access FHIR API".
func TestSMARTResourceServer(t *testing.T) {
	eachSmartWorld(t, func(w *smartWorld) {
		tokens := w.authorize("openid fhirUser launch/patient launch/encounter patient/*.rs")
		token := tokens["access_token"].(string)
		outcome := func(got reply, status int) {
			w.t.Helper()
			if got.status != status || !strings.Contains(got.text, `"resourceType":"OperationOutcome"`) {
				w.t.Errorf("%d %s, want %d", got.status, got.text, status)
			}
		}
		w.t.Run("3.2 the latest Encounter is in context", func(t *testing.T) {
			if tokens["encounter"] != "anna-visit" || tokens["patient"] != "anna" {
				t.Errorf("%v", tokens)
			}
		})
		w.t.Run("6.4 each entry of a batch is checked", func(t *testing.T) {
			only := w.app("launch/patient patient/Patient.rs")
			got := w.call(only, "POST", "", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/anna"}},{"request":{"method":"GET","url":"Observation"}},{"request":{"method":"GET","url":"Patient/ben"}}]}`)
			if !strings.Contains(got.text, `"status":"200`) || !strings.Contains(got.text, `"status":"403`) || !strings.Contains(got.text, `"status":"404`) {
				t.Errorf("%d %s", got.status, got.text)
			}
		})
		w.t.Run("6.5 scopes only delegate", func(t *testing.T) {
			wide := w.app("launch/patient patient/*.cruds")
			outcome(w.call(wide, "GET", "Patient/ben", ""), 404)
			outcome(w.call(wide, "DELETE", "Observation/anna-laboratory", ""), 403)
			if got := w.call(wide, "GET", "Patient", "").ids("Patient"); fmt.Sprint(got) != "[anna]" {
				t.Errorf("%v", got)
			}
		})
		w.t.Run("6.9 without a token 401, beyond its scopes 403", func(t *testing.T) {
			outcome(w.call("", "GET", "Patient/anna", ""), 401)
			outcome(w.call(w.app("launch/patient patient/Patient.rs"), "GET", "Condition?patient=anna", ""), 403)
		})
		w.t.Run("10.3 fhirUser can be read with the token", func(t *testing.T) {
			parts := strings.Split(tokens["id_token"].(string), ".")
			text, err := base64.RawURLEncoding.DecodeString(parts[1])
			w.must(err)
			var claims struct{ FHIRUser string }
			w.must(json.Unmarshal(text, &claims))
			if got := w.call(token, "GET", claims.FHIRUser, ""); got.status != 200 {
				t.Errorf("%s: %d", claims.FHIRUser, got.status)
			}
		})
		w.t.Run("11 a browser app reads answers, errors too", func(t *testing.T) {
			for _, row := range []reply{
				w.call(token, "GET", "Patient/anna", "", "Origin", "https://app.example.org"), w.call("", "GET", "Patient/anna", "", "Origin", "https://app.example.org"),
				w.call(token, "GET", "Patient/ben", "", "Origin", "https://app.example.org"), w.call("", "GET", "metadata", "", "Origin", "https://app.example.org"),
			} {
				if row.header.Get("Access-Control-Allow-Origin") == "" || row.header.Get("Access-Control-Allow-Credentials") != "" {
					t.Errorf("%d: %v", row.status, row.header)
				}
			}
			preflight := w.call("", "OPTIONS", "Patient/anna", "", "Origin", "https://app.example.org", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization")
			if preflight.status >= 300 || !strings.Contains(strings.ToLower(preflight.header.Get("Access-Control-Allow-Headers")), "authorization") {
				t.Errorf("preflight: %d %v", preflight.status, preflight.header)
			}
		})
		w.t.Run("12 the brands' endpoint answers metadata", func(t *testing.T) {
			var conf, bundle map[string]any
			w.must(json.Unmarshal([]byte(w.call("", "GET", ".well-known/smart-configuration", "").text), &conf))
			w.must(json.Unmarshal([]byte(w.call("", "GET", conf["user_access_brand_bundle"].(string), "").text), &bundle))
			endpoint := bundle["entry"].([]any)[0].(map[string]any)["resource"].(map[string]any)["address"].(string)
			if got := w.call("", "GET", endpoint+"/metadata", ""); got.status != 200 || !strings.Contains(got.text, `"CapabilityStatement"`) || !strings.Contains(got.text, "oauth-uris") {
				t.Errorf("%s: %d", endpoint, got.status)
			}
		})
		w.t.Run("13 401 with a challenge; no token in the query", func(t *testing.T) {
			for _, got := range []reply{w.call("", "GET", "Patient/anna", ""), w.call("wrong", "GET", "Patient/anna", ""), w.call("", "GET", "Patient/anna?access_token="+token, "")} {
				outcome(got, 401)
				if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
					t.Errorf("%v", got.header)
				}
			}
		})
		w.t.Run("13 not after expires_in", func(t *testing.T) {
			old := w.now
			w.now = w.now.Add(time.Duration(tokens["expires_in"].(float64))*time.Second + time.Second)
			outcome(w.call(token, "GET", "Patient/anna", ""), 401)
			w.now = old
		})
	})
}
