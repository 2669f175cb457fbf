package clients

import (
	"net/url"
	"strings"
	"testing"

	"tributary/internal/authserver"
	"tributary/internal/store"
)

// TestFHIRClientEHRLaunch: the app is opened with iss and launch, about a person and
// an encounter, and finds both in its answer; as a public and as a symmetric client.
func TestFHIRClientEHRLaunch(t *testing.T) {
	for id, change := range map[string]func(*store.Client){
		"public": nil, "symmetric": func(c *store.Client) { c.SecretHash = "new" },
	} {
		t.Run(id, func(t *testing.T) {
			w := newWorld(t)
			s := w.join("Ida").chrome()
			s.observed()
			s.put("Encounter/e1", `{"resourceType":"Encounter","id":"e1","status":"in-progress","subject":{"reference":"Patient/`+s.patient+`"},
				"class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}}`)
			app := w.serve(id, map[string]any{"scope": "launch openid fhirUser offline_access patient/*.rs"}, change)
			opened := app.launched(w, authserver.Launch{Client: id, Patient: s.patient, Encounter: "e1", HasBanner: true})
			s.opens(opened)
			s.leaves(opened)
			if at := s.agrees(); !strings.HasPrefix(at, app.origin+"/app.html") {
				t.Fatalf("the browser is at %s", at)
			}
			u := s.runs()
			s.got(u)
			if u.Encounter != "e1" || u.Banner || !strings.HasPrefix(u.Style, w.base) {
				t.Errorf("the app was opened with %+v", u)
			}
		})
	}
}

// launched is the address at which the EHR opens the app.
func (a smartApp) launched(w *world, l authserver.Launch) string {
	w.Helper()
	launch, err := w.service.NewLaunch(w.Context(), l)
	if err != nil {
		w.Fatal(err)
	}
	return a.origin + "/launch.html?" + url.Values{"iss": {w.fhir}, "launch": {launch}}.Encode()
}

// A launch is for the app that is opened, and for once.
func TestLaunchOfAnotherApp(t *testing.T) {
	w := newWorld(t)
	p := w.join("Ida")
	w.registerApp("one", redirect, nil)
	w.registerApp("two", redirect, nil)
	launch, err := w.service.NewLaunch(t.Context(), authserver.Launch{Client: "one", Patient: p.patient})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ client, want string }{{"two", "invalid_request"}, {"one", "invalid_request"}} {
		res, err := p.browser.Get(w.authorization(c.client, launch))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if to, err := res.Location(); err != nil || to.Query().Get("error") != c.want {
			t.Errorf("%d: HTTP %d, %v", i, res.StatusCode, err)
		}
	}
}

// authorization is the address of a request that was launched.
func (w *world) authorization(client, launch string) string {
	w.Helper()
	return w.provider().Endpoint().AuthURL + "?" + url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {redirect}, "scope": {"launch patient/*.rs"}, "state": {"s"}, "aud": {w.fhir},
		"launch": {launch}, "code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}.Encode()
}
