package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/config"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

// geneWord is a word that only genetic results hold; their ids begin with gene.
const (
	geneWord = "Genomyx"
	gene     = "qg-"
)

// results are genetic results of the participant, each named as such in another way.
var results = []struct{ typ, id, body string }{
	{"Observation", "observation", `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"GE"}]}],"code":{"text":"Genomyx"},"subject":{"reference":"Patient/qa-patient"}`},
	{"Observation", "coded", `"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"69548-6","display":"Genomyx"}]},"subject":{"reference":"Patient/qa-patient"}`},
	{"Observation", "part", `"status":"final","code":{"text":"Genomyx"},"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"48018-6"}]},"valueString":"Genomyx"}],"subject":{"reference":"Patient/qa-patient"}`},
	{"DiagnosticReport", "diagnosticreport", `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"GE"}]}],"code":{"text":"Genomyx"},"subject":{"reference":"Patient/qa-patient"},"result":[{"reference":"Observation/qg-observation"}]`},
	{"DocumentReference", "documentreference", `"status":"current","type":{"coding":[{"system":"http://loinc.org","code":"51969-4"}]},"subject":{"reference":"Patient/qa-patient"},"content":[{"attachment":{"title":"Genomyx"}}]`},
	{"MolecularSequence", "molecularsequence", `"coordinateSystem":0,"patient":{"reference":"Patient/qa-patient"},"observedSeq":"Genomyx"`},
}

// installed runs a test on the embedded database, and on PostgreSQL where the tests
// have a server.
func installed(t *testing.T, test func(t *testing.T, w *leakWorld)) {
	for _, backend := range []string{"sqlite", "postgres"} {
		t.Run(backend, func(t *testing.T) {
			environ := []string{"TRIBUTARY_DATA_DIR=" + t.TempDir()}
			if backend == "postgres" {
				environ = append(environ, "TRIBUTARY_DATABASE_URL="+storetest.PostgresURL(t))
				if redis := os.Getenv("TRIBUTARY_TEST_REDIS"); redis != "" {
					environ = append(environ, "TRIBUTARY_REDIS_URL="+redis)
				}
			}
			c, err := config.Load("", environ)
			if err != nil {
				t.Fatal(err)
			}
			s, err := NewService(t.Context(), c, Options{Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Stop(context.Background()) })
			w := &leakWorld{s, t}
			w.admit()
			for _, name := range []string{"participant", "delegate", "maintenance"} {
				a := askers[name]
				w.ok(w.addToken(name, a.role, a.scopes, a.purpose))
			}
			w.fill(reached, "plain", "1980-01-01", "1.5")
			for _, r := range results {
				w.must(http.MethodPut, "/"+r.typ+"/"+gene+r.id, `{"resourceType":"`+r.typ+`","id":"`+gene+r.id+`",`+r.body+`}`)
			}
			// What was not named as a genetic result at first.
			late := `{"resourceType":"Observation","id":"qg-late","status":"final","code":{"text":"Genomyx"},"subject":{"reference":"Patient/qa-patient"}%s}`
			w.must(http.MethodPut, "/Observation/qg-late", fmt.Sprintf(late, ""))
			w.must(http.MethodPut, "/Observation/qg-late", fmt.Sprintf(late, `,"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"GE"}]}]`))
			test(t, w)
		})
	}
}

// geneAsks are further requests that would bring, or tell of, a result.
var geneAsks = []string{
	"/Observation/qg-late", "/Observation/qg-late/_history", "/Observation/qg-late/_history/1", "/Observation/qg-late/_history/2",
	"/Observation/qg-coded", "/Observation/qg-part", "/Observation/qg-coded/_history/1",
	"/Observation?code:text=genomyx", "/Observation?code=69548-6", "/Observation?category=GE", "/Observation?component-code=48018-6", "/Observation?_content=genomyx",
	"/Observation?patient=qa-patient", "/DiagnosticReport?_include=DiagnosticReport:result", "/Patient?_revinclude=Observation:patient&_revinclude=MolecularSequence:patient&_revinclude=DiagnosticReport:patient",
	"/Patient?_revinclude=*", "/Patient/qa-patient/$everything", "/Patient/qa-patient/$everything?_type=MolecularSequence,DiagnosticReport", "/Patient/qa-patient/Observation", "/Patient/qa-patient/*",
	"/?_type=Observation,DiagnosticReport,MolecularSequence", "/Observation/$lastn?patient=qa-patient&max=5",
	"/$graphql?query=%7BObservationList(patient:%22qa-patient%22)%7Bid,code%7Btext%7D%7D%7D", "/$graphql?query=%7BDiagnosticReport(id:%22qg-diagnosticreport%22)%7Bid,result%7Bresource%7B...on%20Observation%7Bid,code%7Btext%7D%7D%7D%7D%7D%7D",
}

// barren are the requests that bring nothing with the consent, either.
func barren(path string) bool {
	for _, part := range []string{"_history/", "genomyx", "_revinclude=*", "$lastn"} {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

// asksAbout are all requests of all routes that read, about what has the prefix.
func asksAbout(prefix string) (all []ask) {
	for route := range routeRows {
		if !strings.HasPrefix(route, "GET ") && !strings.HasPrefix(route, "POST ") {
			continue // what writes is refused, and would change the world
		}
		for _, typ := range typesAsked(route) {
			all = append(all, requests(route, typ, prefix)...)
		}
		for _, typ := range []string{"DiagnosticReport", "MolecularSequence"} {
			if strings.Contains(route, "{type}") {
				all = append(all, requests(route, typ, prefix)...)
			}
		}
	}
	return all
}

// direct are the further ones alone.
func direct() (all []ask) {
	for _, path := range geneAsks {
		all = append(all, ask{method: http.MethodGet, path: path})
	}
	return append(all, ask{method: http.MethodPost, path: "/", body: geneBatch})
}

// geneBatch asks in a Bundle for versions of before it was a genetic result, and after.
const geneBatch = `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Observation/qg-late/_history/1"}},
	{"request":{"method":"GET","url":"Observation/qg-late/_history/2"}},{"request":{"method":"GET","url":"Observation/qg-late/_history"}},{"request":{"method":"GET","url":"Observation/qg-late"}}]}`

// told are the requests of those whose answers hold the word, though it was not asked with.
func (w *leakWorld) told(who string, asks []ask) (paths []string) {
	for _, a := range asks {
		text, asked := strings.ToLower(learnt(w.send(who, a))), strings.ToLower(a.path+a.body)
		for _, word := range []string{strings.ToLower(geneWord), gene} {
			if word == gene && strings.Contains(asked, "auditevent") {
				continue // the trail names what was read, and says nothing of it
			}
			if strings.Contains(text, word) && !strings.Contains(asked, word) {
				paths = append(paths, a.method+" "+a.path)
				break
			}
		}
	}
	return paths
}

// No route shows a participant, or who acts for them, a genetic result, or tells
// that there is one, until they have agreed to be shown such results; nor after they
// have taken that back.
func TestResultsAreShownWithTheirConsentAlone(t *testing.T) {
	installed(t, func(t *testing.T, w *leakWorld) {
		event := func(decision string) {
			w.ok(tables.Consents{}.Add(t.Context(), w.store, store.ConsentEvent{ID: decision, Patient: "qa-patient", Kind: "results", Decision: decision, At: w.Now()}))
			time.Sleep(time.Until(w.Now().Add(1100 * time.Millisecond))) // the consent of another process is believed a second later
		}
		for _, who := range []string{"participant", "delegate"} {
			for _, path := range w.told(who, slices.Concat(direct(), asksAbout(gene), asksAbout(reached))) {
				t.Errorf("without the consent, %s is told by %s", who, path)
			}
		}
		event("agree")
		for _, who := range []string{"participant", "delegate"} {
			shown := w.told(who, direct())
			for _, path := range geneAsks {
				if !slices.Contains(shown, "GET "+path) && !barren(path) {
					t.Errorf("with the consent, %s is not told by %s", who, path)
				}
			}
			if !slices.Contains(shown, "POST /") {
				t.Errorf("with the consent, %s is not told by a Bundle", who)
			}
		}
		event("revoke")
		for _, path := range w.told("participant", direct()) {
			t.Errorf("after it was taken back, the participant is told by %s", path)
		}
	})
}

// The numbers of a search do not count what is withheld.
func TestWithheldResultsAreNotCounted(t *testing.T) {
	installed(t, func(t *testing.T, w *leakWorld) {
		for query, n := range map[string]int{"/Observation?_summary=count": 1, "/MolecularSequence?_summary=count": 0, "/DiagnosticReport?_summary=count": 0,
			"/Patient?_has:Observation:patient:code=69548-6&_summary=count": 0, "/DiagnosticReport?result.code=x&_summary=count": 0} {
			answer := w.send("participant", ask{method: http.MethodGet, path: query})
			if want := fmt.Sprintf(`"total":%d`, n); !strings.Contains(answer.Body.String(), want) {
				t.Errorf("%s: want %s: %s", query, want, answer.Body)
			}
		}
	})
}
