package app

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/config"
	"tributary/internal/access"
	"tributary/internal/authserver"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// smartWorld is a service over HTTP with the data of two people and one app.
type smartWorld struct {
	*Service
	t     *testing.T
	base  string
	now   time.Time
	http  *http.Client
	admin string // a maintenance token for everything
}

const (
	appCallback = "https://app.example.org/cb"
	appVerifier = "0123456789-0123456789-0123456789-0123456789"
)

// eachSmartWorld runs a test on SQLite, and on PostgreSQL where a server is named.
func eachSmartWorld(t *testing.T, test func(w *smartWorld)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(newSmartWorld(t)) })
	t.Run("postgres", func(t *testing.T) {
		test(newSmartWorld(t, "TRIBUTARY_DATABASE_URL="+storetest.PostgresURL(t)))
	})
}

func newSmartWorld(t *testing.T, environ ...string) *smartWorld {
	t.Helper()
	w := &smartWorld{t: t, now: time.Now()}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.Handler().ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	w.base = server.URL
	w.http = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	c, err := config.Load("", append(environ, "TRIBUTARY_DATA_DIR="+t.TempDir(), "TRIBUTARY_BASE_URL="+server.URL, "TRIBUTARY_LIMITS__ATTEMPTS=0"))
	w.must(err)
	w.Service, err = NewService(t.Context(), c, Options{Logger: quiet(), Now: func() time.Time { return w.now }})
	w.must(err)
	t.Cleanup(func() { w.Stop(t.Context()) })
	w.admin = w.system("system/*.cruds")
	_, err = authserver.Register(t.Context(), w.store, store.Client{ID: "app", Name: "App", Purpose: store.PurposeApp, RedirectURIs: []string{appCallback},
		Scopes: "openid fhirUser launch launch/patient launch/encounter offline_access patient/*.cruds", CreatedAt: w.now})
	w.must(err)
	w.fill()
	return w
}

func (w *smartWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// system is a maintenance token.
func (w *smartWorld) system(scope string) string {
	w.t.Helper()
	token, err := w.token(w.t.Context(), scope, time.Hour)
	w.must(err)
	return token
}

const (
	conditionCategory   = "http://terminology.hl7.org/CodeSystem/condition-category"
	coreConditions      = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
	observationCategory = "http://terminology.hl7.org/CodeSystem/observation-category"
	coreObservations    = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category"
)

var (
	conditions   = map[string]string{"problem-list-item": conditionCategory, "encounter-diagnosis": conditionCategory, "health-concern": coreConditions}
	observations = map[string]string{"laboratory": observationCategory, "vital-signs": observationCategory, "social-history": observationCategory,
		"survey": observationCategory, "sdoh": coreObservations}
)

// fill stores one resource of each category for anna and for ben.
func (w *smartWorld) fill() {
	for _, p := range []string{"anna", "ben"} {
		w.put("Patient/"+p, map[string]any{"name": []any{map[string]any{"family": p}}})
		w.put("Encounter/"+p+"-visit", map[string]any{"status": "finished", "class": map[string]any{"code": "AMB"}, "subject": ref("Patient/" + p),
			"period": map[string]any{"start": "2026-01-02"}})
		for category, system := range observations {
			body := map[string]any{"status": "final", "code": map[string]any{"text": "x"}, "subject": ref("Patient/" + p), "category": in(system, category), "encounter": ref("Encounter/" + p + "-visit")}
			if category == "laboratory" {
				body["hasMember"] = []any{ref("Observation/" + p + "-vital-signs")}
			}
			w.put("Observation/"+p+"-"+category, body)
		}
		for category, system := range conditions {
			w.put("Condition/"+p+"-"+category, map[string]any{"subject": ref("Patient/" + p), "code": map[string]any{"text": "x"}, "category": in(system, category)})
		}
	}
}

func ref(to string) map[string]any { return map[string]any{"reference": to} }

func in(system, code string) []any {
	return []any{map[string]any{"coding": []any{map[string]any{"system": system, "code": code}}}}
}

func (w *smartWorld) put(at string, body map[string]any) {
	w.t.Helper()
	body["resourceType"], body["id"], _ = strings.Cut(at, "/")
	text, err := json.Marshal(body)
	w.must(err)
	if got := w.call(w.admin, "PUT", at, string(text)); got.status != http.StatusCreated {
		w.t.Fatalf("PUT %s: %d %s", at, got.status, got.text)
	}
}

// reply is an answer of the service.
type reply struct {
	status int
	header http.Header
	text   string
}

// call asks the FHIR API.
func (w *smartWorld) call(token, method, path, body string, headers ...string) reply {
	w.t.Helper()
	to := path
	if !strings.HasPrefix(path, "http") {
		to = w.base + "/fhir/R4/" + path
	}
	r, err := http.NewRequest(method, to, strings.NewReader(body))
	w.must(err)
	r.Header.Set("Content-Type", "application/fhir+json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := w.http.Do(r)
	w.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	w.must(err)
	return reply{response.StatusCode, response.Header, string(text)}
}

// ids are those of the resources of a Bundle, in order.
func (r reply) ids(typ string) []string {
	var bundle struct {
		Entry []struct {
			Resource struct{ ResourceType, ID string }
		}
	}
	_ = json.Unmarshal([]byte(r.text), &bundle) // what is no Bundle has none
	all := []string{}
	for _, e := range bundle.Entry {
		if e.Resource.ResourceType == typ {
			all = append(all, e.Resource.ID)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// authorize lets the app in for anna, with all that it asks for, and answers its
// token response.
func (w *smartWorld) authorize(scope string) map[string]any {
	w.t.Helper()
	sum := sha256.Sum256([]byte(appVerifier))
	response, err := w.http.PostForm(w.base+"/auth/authorize", url.Values{
		"response_type": {"code"}, "client_id": {"app"}, "redirect_uri": {appCallback}, "scope": {scope}, "state": {"s"}, "aud": {w.base + "/fhir/R4"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}})
	w.must(err)
	response.Body.Close()
	to, err := response.Location()
	w.must(err)
	info, err := w.auth.Request(w.t.Context(), to.Query().Get("id"))
	w.must(err)
	back, err := w.auth.Complete(w.t.Context(), to.Query().Get("id"), authserver.Grant{Subject: "account-anna", Patient: "anna", FHIRUser: "Patient/anna",
		Scopes: info.Scopes, Role: access.Participant})
	w.must(err)
	u, err := url.Parse(back)
	w.must(err)
	answer, err := w.http.PostForm(w.base+"/auth/token", url.Values{"grant_type": {"authorization_code"}, "code": {u.Query().Get("code")},
		"redirect_uri": {appCallback}, "client_id": {"app"}, "code_verifier": {appVerifier}})
	w.must(err)
	defer answer.Body.Close()
	var tokens map[string]any
	w.must(json.NewDecoder(answer.Body).Decode(&tokens))
	return tokens
}

// app is an access token of the app.
func (w *smartWorld) app(scope string) string {
	w.t.Helper()
	token, _ := w.authorize(scope)["access_token"].(string)
	if token == "" {
		w.t.Fatalf("no token for %s", scope)
	}
	return token
}
