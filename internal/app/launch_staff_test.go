package app

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/authserver"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// nurse is a member of a center's staff in a browser at the service.
type nurse struct {
	*smartWorld
	browser *http.Client
	site    string
}

const chartCallback = "https://chart.example.org/cb"

// nurse signs a new member of a center's staff in.
func (w *smartWorld) nurse(login, site string) *nurse {
	w.t.Helper()
	password, err := w.AddStaff(w.t.Context(), login, string(access.CenterStaff), site)
	w.must(err)
	jar, err := cookiejar.New(nil)
	w.must(err)
	n := &nurse{w, &http.Client{Jar: jar, CheckRedirect: w.http.CheckRedirect}, site}
	if got := n.post("/center/signin", "login", login, "password", password); got.header.Get("Location") != "/center" {
		w.t.Fatalf("%s is not let in: %d %s", login, got.status, got.text)
	}
	return n
}

func (n *nurse) get(path string) reply {
	n.t.Helper()
	response, err := n.browser.Get(n.base + path)
	n.must(err)
	return n.read(response)
}

func (n *nurse) post(path string, fields ...string) reply {
	n.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	response, err := n.browser.PostForm(n.base+path, form)
	n.must(err)
	return n.read(response)
}

func (n *nurse) read(response *http.Response) reply {
	n.t.Helper()
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	n.must(err)
	return reply{response.StatusCode, response.Header, string(text)}
}

// walkIn is the visit of somebody who is at the nurse's site.
func (n *nurse) walkIn(patient string) string {
	n.t.Helper()
	v, err := n.visits.WalkIn(n.t.Context(), access.Actor{Role: access.CenterStaff, ID: "kim", Site: n.site, Unscoped: true, Purpose: "HOPERAT"}, patient)
	n.must(err)
	return v.ID
}

// chart registers an app that staff can open.
func (w *smartWorld) chart() {
	w.t.Helper()
	_, err := authserver.Register(w.t.Context(), w.store, store.Client{ID: "chart", Name: "Chart", Purpose: store.PurposeApp, RedirectURIs: []string{chartCallback},
		Scopes: "openid fhirUser launch online_access offline_access user/*.cruds patient/*.cruds", CreatedAt: w.now})
	w.must(err)
	w.must(apps.Publish(w.t.Context(), w.store, store.Listing{Client: "chart", Publisher: "Chart makers", Description: "Shows what was measured.", Spanish: "Muestra lo medido.",
		LaunchURL: "https://chart.example.org/launch", Audience: store.ForStaff}, nil))
}

// asks is the page on which the app's request is answered.
func (n *nurse) asks(launch, scope string) (id string) {
	n.t.Helper()
	sum := sha256.Sum256([]byte(appVerifier))
	response, err := n.http.PostForm(n.base+"/auth/authorize", url.Values{
		"response_type": {"code"}, "client_id": {"chart"}, "redirect_uri": {chartCallback}, "scope": {scope}, "state": {"s"}, "aud": {n.base + "/fhir/R4"}, "launch": {launch},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}})
	n.must(err)
	to := n.read(response).header.Get("Location")
	u, err := url.Parse(to)
	n.must(err)
	if id = u.Query().Get("id"); id == "" {
		n.t.Fatalf("the request led to %s", to)
	}
	return id
}

func (n *nurse) tokens(fields ...string) map[string]any {
	n.t.Helper()
	form := url.Values{"client_id": {"chart"}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	response, err := n.http.PostForm(n.base+"/auth/token", form)
	n.must(err)
	var tokens map[string]any
	n.must(json.Unmarshal([]byte(n.read(response).text), &tokens))
	return tokens
}

// open opens the app from the console and lets it in.
func (n *nurse) open(visit, scope string, allow ...string) map[string]any {
	n.t.Helper()
	if page := n.get("/center/appointments/" + visit + "/apps"); page.status != http.StatusOK || !strings.Contains(page.text, "Chart makers") {
		n.t.Fatalf("the gallery: %d %s", page.status, page.text)
	}
	opened, err := url.Parse(n.post("/center/appointments/" + visit + "/apps/chart").header.Get("Location"))
	n.must(err)
	if opened.Host != "chart.example.org" || opened.Query().Get("iss") != n.base+"/fhir/R4" {
		n.t.Fatalf("it was opened at %s", opened)
	}
	id := n.asks(opened.Query().Get("launch"), scope)
	if page := n.get("/apps/authorize?id=" + id); page.status != http.StatusOK || strings.Contains(page.text, "offline") {
		n.t.Fatalf("staff are asked: %d %s", page.status, page.text)
	}
	fields := []string{"id", id, "decision", "approve"}
	for _, key := range allow {
		fields = append(fields, "scope", key)
	}
	back, err := url.Parse(n.post("/apps/authorize", fields...).header.Get("Location"))
	n.must(err)
	return n.tokens("grant_type", "authorization_code", "code", back.Query().Get("code"), "redirect_uri", chartCallback, "code_verifier", appVerifier)
}

// Staff of a center open an app from their console about somebody who is there: it
// reads that person's record, in the name of who opened it, and nobody else's, for as
// long as they are signed in.
func TestChecklist_2_9_CenterStaffOpenAnApp(t *testing.T) {
	w := newSmartWorld(t)
	w.chart()
	sites := w.Sites()
	kim, lee := w.nurse("kim", sites[0]), w.nurse("lee", sites[1])
	visit := kim.walkIn("anna")
	kim.walkIn("ben") // is there as well
	tokens := kim.open(visit, "launch openid fhirUser online_access offline_access user/Patient.rs user/Observation.rs user/Appointment.rs user/Slot.u",
		"identity", "online", "offline", "user/Patient.rs", "user/Observation.rs", "user/Appointment.rs", "user/Slot.u")
	token, _ := tokens["access_token"].(string)
	if granted, _ := tokens["scope"].(string); tokens["patient"] != "anna" || token == "" || strings.Contains(granted, "offline_access") || !strings.Contains(granted, "user/Observation.rs") {
		t.Fatalf("the token is %v", tokens)
	}
	if who := w.call(token, "GET", w.base+"/auth/userinfo", ""); !strings.Contains(who.text, "/Practitioner/staff-") {
		t.Errorf("fhirUser is %s", who.text)
	}
	for path, want := range map[string]int{"Patient/anna": 200, "Observation/anna-laboratory": 200, "Patient/ben": 404, "Observation/ben-laboratory": 404, "Condition/anna-health-concern": 403} {
		if got := w.call(token, "GET", path, ""); got.status != want {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
	}
	for query, want := range map[string][]string{"Patient": {"anna"}, "Appointment": {visit}, "Patient?_id=ben": {}} {
		typ, _, _ := strings.Cut(query, "?")
		if got := w.call(token, "GET", query, ""); got.status != http.StatusOK || !slices.Equal(got.ids(typ), want) {
			t.Errorf("%s finds %v (%d)", query, got.ids(typ), got.status)
		}
	}
	slots, err := w.visits.Free(t.Context(), sites[0], 1)
	w.must(err)
	if got := w.call(token, "PUT", "Slot/"+slots[0].ID, `{"resourceType":"Slot","id":"`+slots[0].ID+`","schedule":{"reference":"Schedule/`+sites[0]+`"},"status":"free","start":"2027-03-02T09:00:00Z","end":"2027-03-02T10:00:00Z"}`); got.status != http.StatusForbidden {
		t.Errorf("the app changes the calendar: %d %s", got.status, got.text)
	}
	path := "/center/appointments/" + visit + "/apps"
	if page := lee.get(path); page.status < 400 || strings.Contains(page.text, "Chart makers") {
		t.Errorf("staff of another site: %d", page.status)
	}
	if got := lee.post(path + "/chart"); got.status < 400 {
		t.Errorf("staff of another site open it: %d to %s", got.status, got.header.Get("Location"))
	}
	kim.post("/center/signout")
	if got := w.call(token, "GET", "Patient/anna", ""); got.status != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", got.status)
	}
	refresh, _ := tokens["refresh_token"].(string)
	if again := kim.tokens("grant_type", "refresh_token", "refresh_token", refresh); again["error"] != "invalid_grant" {
		t.Errorf("it is refreshed: %v", again)
	}
}

// A person who has withdrawn is out of the reach of an app that was opened before; and
// staff of the study open none.
func TestStaffOpenAppsOnlyForWhoIsThere(t *testing.T) {
	w := newSmartWorld(t)
	w.chart()
	kim := w.nurse("kim", w.Sites()[0])
	for _, l := range []authserver.Launch{{Client: "chart", Patient: "anna", By: "pat", Role: access.StudyStaff}, {Client: "chart", By: "kim", Role: access.CenterStaff}} {
		if _, err := w.auth.NewLaunch(t.Context(), l); !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s open it about %q: %v", l.Role, l.Patient, err)
		}
	}
	ada := member(t, w.Service)
	visit := kim.walkIn(ada.Patient)
	token, _ := kim.open(visit, "launch user/Patient.rs", "user/Patient.rs")["access_token"].(string)
	if got := w.call(token, "GET", "Patient/"+ada.Patient, ""); got.status != http.StatusOK {
		t.Fatalf("before: %d", got.status)
	}
	w.must(w.consent.Withdraw(t.Context(), signing(ada)))
	if got := w.call(token, "GET", "Patient/"+ada.Patient, ""); got.status < 400 {
		t.Errorf("after the withdrawal: %d", got.status)
	}
}
