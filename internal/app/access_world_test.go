package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// What belongs to a person has ids that begin so: of whom the actors reach, of the
// other, and of nobody.
const (
	reached = "qa-"
	hidden  = "qb-"
	ghost   = "qz-"
)

// canaries are words that only what belongs to the other person holds.
var canaries = []string{"zyxw", "987.654", "1911-11-11"}

// belongings are a person's resources by type; %[1]s is the prefix, %[2]s a word.
var belongings = []struct{ typ, body string }{
	{"Patient", `"name":[{"family":"%[2]s","given":["%[2]s"]}],"birthDate":"%[3]s","identifier":[{"system":"urn:x","value":"%[2]s"}],"link":[{"other":{"reference":"Patient/qa-patient"},"type":"seealso"}]`},
	{"Observation", `"status":"final","code":{"text":"%[2]s"},"subject":{"reference":"Patient/%[1]spatient"},"device":{"reference":"Device/%[1]sdevice"},"valueQuantity":{"value":%[4]s},"note":[{"text":"%[2]s"}]`},
	{"Condition", `"subject":{"reference":"Patient/%[1]spatient"},"code":{"text":"%[2]s"},"contained":[{"resourceType":"Practitioner","id":"d","name":[{"family":"%[2]s"}]}],"asserter":{"reference":"#d"}`},
	{"QuestionnaireResponse", `"status":"completed","subject":{"reference":"Patient/%[1]spatient"},"item":[{"linkId":"%[2]s"}]`},
	{"DocumentReference", `"status":"current","subject":{"reference":"Patient/%[1]spatient"},"content":[{"attachment":{"title":"%[2]s","url":"Binary/%[1]sbinary","data":"enl4dw=="}}]`},
	{"Media", `"status":"completed","subject":{"reference":"Patient/%[1]spatient"},"content":{"title":"%[2]s"}`},
	{"Device", `"patient":{"reference":"Patient/%[1]spatient"},"serialNumber":"%[2]s"`},
	{"Appointment", `"status":"booked","comment":"%[2]s","participant":[{"status":"accepted","actor":{"reference":"Patient/%[1]spatient"}}]`},
	{"RelatedPerson", `"patient":{"reference":"Patient/%[1]spatient"},"name":[{"family":"%[2]s"}]`},
	{"List", `"status":"current","mode":"working","title":"%[2]s","subject":{"reference":"Patient/%[1]spatient"},"entry":[{"item":{"reference":"Observation/%[1]sobservation"}}]`},
	{"Composition", `"status":"final","type":{"text":"x"},"title":"%[2]s","date":"2024-01-01","subject":{"reference":"Patient/%[1]spatient"},"author":[{"reference":"Patient/%[1]spatient"}]`},
	{"Provenance", `"target":[{"reference":"Observation/%[1]sobservation/_history/1"},{"reference":"Patient/%[1]spatient"}],"recorded":"2024-01-01T00:00:00Z","agent":[{"who":{"display":"%[2]s"}}]`},
	{"Binary", `"contentType":"text/plain","securityContext":{"reference":"Patient/%[1]spatient"},"data":"enl4dw=="`},
	{"Group", `"type":"person","actual":true,"name":"%[2]s","member":[{"entity":{"reference":"Patient/%[1]spatient"}},{"entity":{"reference":"Patient/qa-patient"}}]`},
	{"Person", `"name":[{"family":"%[2]s"}],"link":[{"target":{"reference":"Patient/%[1]spatient"}},{"target":{"reference":"Patient/qa-patient"}}]`},
	{"Bundle", `"type":"collection","entry":[{"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Patient","name":[{"family":"%[2]s"}]}}]`},
}

// leakWorld is a service with what belongs to two people, and those who ask.
type leakWorld struct {
	*Service
	t *testing.T
}

// askers are who asks, by the token: role, scopes, purpose of the client.
var askers = map[string]struct {
	role            access.Role
	scopes, purpose string
}{
	"participant": {access.Participant, "patient/*.cruds user/*.cruds", store.PurposeApp},
	"delegate":    {access.Delegate, "patient/*.cruds user/*.cruds", store.PurposeApp},
	"center":      {access.CenterStaff, "user/*.cruds system/*.cruds", store.PurposeApp},
	"study":       {access.StudyStaff, "user/*.cruds system/*.cruds", store.PurposeApp},
	"research":    {access.Research, "system/*.cruds", store.PurposeResearch},
	"researcher":  {access.Researcher, "user/*.cruds system/*.cruds", store.PurposeApp},
	"ehr":         {access.EHR, "system/*.cruds", store.PurposeEHR},
	"operator":    {access.Operator, "system/*.cruds", store.PurposeApp},
	"maintenance": {access.Maintenance, "system/*.cruds", store.PurposeMaintenance},
	"nobody":      {"", "", ""},
}

func newLeakWorld(t *testing.T) *leakWorld {
	t.Helper()
	w := &leakWorld{service(t, t.TempDir()), t}
	w.admit()
	for name, a := range askers {
		if a.role != "" {
			w.ok(w.addToken(name, a.role, a.scopes, a.purpose))
		}
	}
	w.fill(reached, "plain", "1980-01-01", "1.5")
	w.fill(hidden, "Zyxw", "1911-11-11", "987.654")
	for i := range 6 { // counts of the other's are unlike
		id := fmt.Sprintf("%sfurther-%d", hidden, i)
		w.must(http.MethodPut, "/Observation/"+id, strings.Replace(ofOther, `{`, `{"id":"`+id+`",`, 1))
	}
	w.must(http.MethodPut, "/Observation/moved", `{"resourceType":"Observation","id":"moved","status":"final","code":{"text":"plain"},"subject":{"reference":"Patient/qa-patient"}}`)
	w.must(http.MethodPut, "/Observation/moved", strings.Replace(ofOther, `{`, `{"id":"moved",`, 1))
	w.must(http.MethodPut, "/Observation/came", strings.Replace(ofOther, `{`, `{"id":"came",`, 1))
	w.must(http.MethodPut, "/Observation/came", `{"resourceType":"Observation","id":"came","status":"final","code":{"text":"plain"},"subject":{"reference":"Patient/qa-patient"}}`)
	w.must(http.MethodPut, "/Observation/qb-deleted", strings.Replace(ofOther, `{`, `{"id":"qb-deleted",`, 1))
	w.must(http.MethodDelete, "/Observation/qb-deleted", "")
	return w
}

const ofOther = `{"resourceType":"Observation","status":"final","code":{"text":"Zyxw"},"subject":{"reference":"Patient/qb-patient"}}`

func (w *leakWorld) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// admit records what people decided: the one takes part and shares the record, and
// lets the delegate act; of the other there is no decision.
func (w *leakWorld) admit() {
	ctx, now := w.t.Context(), w.Now()
	for _, kind := range []string{"research", "ehr"} {
		w.ok(tables.Consents{}.Add(ctx, w.store, store.ConsentEvent{ID: kind, Patient: "qa-patient", Kind: kind, Decision: "agree", At: now.Add(-time.Hour),
			Document: kind + " " + w.consent.Document(consent.Kind(kind), "en").Version, Providers: "hospital"}))
	}
	w.ok(tables.Delegations{}.Add(ctx, w.store, store.Delegation{ID: "d", Patient: "qa-patient", Delegate: "delegate", Scopes: "patient/*.cruds", Begins: now.Add(-time.Hour)}))
	w.ok(tables.Approvals{}.Add(ctx, w.store, store.Approval{ID: "a", Researcher: "researcher", Group: w.study.Cohort, Project: "x",
		Begins: now.Add(-time.Hour), Ends: now.Add(time.Hour), Agreed: now.Add(time.Hour), Trained: now.Add(time.Hour)}))
}

func (w *leakWorld) addToken(name string, role access.Role, scopes, purpose string) error {
	return w.store.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		now, hash := tx.Now(), sha256.Sum256([]byte(name))
		var rows tables.OAuth
		if err := rows.AddClient(ctx, tx, store.Client{ID: "client-" + name, Name: name, Purpose: purpose, Scopes: scopes, Groups: []string{w.study.Cohort}, Organization: "hospital", CreatedAt: now}); err != nil {
			return err
		}
		patient := ""
		if role == access.Participant || role == access.Delegate || role == access.CenterStaff {
			patient = "qa-patient"
		}
		if err := rows.AddGrant(ctx, tx, store.OAuthGrant{ID: name, Client: "client-" + name, Subject: name, Role: string(role), Patient: patient,
			Scopes: scopes, AuthTime: now, CreatedAt: now}); err != nil {
			return err
		}
		return rows.AddToken(ctx, tx, store.OAuthToken{Hash: hash[:], Kind: store.TokenAccess, Grant: name, Scopes: scopes, IssuedAt: now, ExpiresAt: now.Add(time.Hour)})
	})
}

func (w *leakWorld) fill(prefix, word, born, value string) {
	for _, b := range belongings {
		id := prefix + strings.ToLower(b.typ)
		body := strings.NewReplacer("%[1]s", prefix, "%[2]s", word, "%[3]s", born, "%[4]s", value).Replace(b.body)
		if prefix == reached {
			body = strings.ReplaceAll(body, "enl4dw==", "YWJj")
		}
		w.must(http.MethodPut, "/"+b.typ+"/"+id, `{"resourceType":"`+b.typ+`","id":"`+id+`",`+body+`}`)
	}
}

// must sends what maintenance sends.
func (w *leakWorld) must(method, path, body string) {
	w.t.Helper()
	if r := w.send("maintenance", ask{method: method, path: path, body: body}); r.Code >= 300 {
		w.t.Fatalf("%s %s: %d %s", method, path, r.Code, r.Body)
	}
}

// ask is one request.
type ask struct {
	method, path, body string
	headers            []string
}

func (w *leakWorld) send(who string, a ask) *httptest.ResponseRecorder {
	r := httptest.NewRequest(a.method, w.fhirBase()+a.path, strings.NewReader(a.body))
	if who != "nobody" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	r.Header.Set("Content-Type", "application/fhir+json")
	r.Header.Set("X-Request-Id", "fixed")
	for i := 0; i+1 < len(a.headers); i += 2 {
		r.Header.Set(a.headers[i], a.headers[i+1])
	}
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, r)
	return answer
}

// learnt is all of an answer that its reader learns from.
func learnt(r *httptest.ResponseRecorder) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Code)
	names := make([]string, 0, len(r.Header()))
	for name := range r.Header() {
		if name != "Date" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintln(&b, name, r.Header()[name])
	}
	body, _ := io.ReadAll(r.Result().Body)
	b.Write(body)
	return b.String()
}
