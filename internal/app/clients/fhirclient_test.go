package clients

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/go-jose/go-jose/v4"

	"tributary/internal/store"
)

// smartApp is an app made with fhirclient: what it is configured with, and where
// it is served.
type smartApp struct {
	config map[string]any
	origin string
}

// serve serves the app on an origin of its own and registers it.
func (w *world) serve(id string, config map[string]any, change func(*store.Client)) smartApp {
	w.Helper()
	files := map[string][]byte{"/fhir-client.js": contents(w.T, filepath.Join(nodeModules(w.T), "fhirclient", "build", "fhir-client.js"))}
	for _, page := range []string{"launch.html", "app.html"} {
		files["/"+page] = contents(w.T, filepath.Join("testdata", page))
	}
	a := smartApp{config: config, origin: origin(w.T, files)}
	config["clientId"], config["redirectUri"] = id, a.origin+"/app.html"
	if secret := w.registerApp(id, a.origin+"/app.html", change); secret != "" {
		config["clientSecret"] = secret
	}
	text, err := json.Marshal(config)
	if err != nil {
		w.Fatal(err)
	}
	files["/config.js"] = fmt.Appendf(nil, "const config = %s", text)
	return a
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// used is what testdata/app.html says that it got.
type used struct {
	Error, Patient, Encounter, FHIRUser, Scope, Style, Read, User, Subject, Again string

	Banner, Refreshed bool
	OnePage, Refused  int
	AllPages, Graph   []string
}

// runs waits for the app, which must be shown, to have used the API.
func (s *screen) runs() used {
	s.Helper()
	raw := ask[map[string]any](s, "window.done", chromedp.EvalAwaitPromise)
	text, err := json.Marshal(raw)
	if err != nil {
		s.Fatal(err)
	}
	var u used
	if err := json.Unmarshal(text, &u); err != nil {
		s.Fatalf("%v: %s", err, text)
	}
	if u.Error != "" {
		s.Fatalf("at %s: %s", s.where(), u.Error)
	}
	return u
}

// onlineScopes are what the apps ask for. fhirclient sends no assertion when it
// refreshes, so that with a key there is no refreshing.
const onlineScopes = "openid fhirUser launch/patient patient/*.read"

// observed gives a person five observations.
func (p *person) observed() {
	p.Helper()
	for i := range 5 {
		p.put(fmt.Sprintf("Observation/o%d", i+1), fmt.Sprintf(`{"resourceType":"Observation","id":"o%d","status":"final",
			"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/%s"},
			"valueQuantity":{"value":%d,"system":"http://unitsofmeasure.org","code":"/min"}}`, i+1, p.patient, 60+i))
	}
}

// TestFHIRClientStandalone: a whole standalone launch with npm fhirclient, from the
// person's sign-in to a refresh, for each kind of client; and without
// smart-configuration, from what /metadata says.
func TestFHIRClientStandalone(t *testing.T) {
	key := keyPair(t, "ES384")
	for _, c := range []struct {
		id     string
		config map[string]any
		change func(*store.Client)
	}{
		{"public", map[string]any{}, nil},
		{"symmetric", map[string]any{}, func(c *store.Client) { c.SecretHash = "new" }},
		{"asymmetric", map[string]any{"clientPrivateJwk": signing(t, key), "scope": onlineScopes}, func(c *store.Client) { c.JWKS = publicSet(t, key) }},
		{"of-old", map[string]any{"pkceMode": "unsafeV1", "withoutDiscovery": true}, nil},
	} {
		t.Run(c.id, func(t *testing.T) {
			w := newWorld(t)
			s := w.join("Ida").chrome()
			s.observed()
			c.config["iss"] = w.fhir
			if c.config["scope"] == nil {
				c.config["scope"] = onlineScopes + " offline_access"
			}
			app := w.serve(c.id, c.config, c.change)
			s.opens(app.origin + "/launch.html")
			s.leaves(app.origin + "/launch.html")
			if at := s.agrees(); !strings.HasPrefix(at, app.origin+"/app.html") {
				t.Fatalf("the browser is at %s", at)
			}
			s.got(s.runs())
		})
	}
}

// signing is a private key with what fhirclient wants to be told of it.
func signing(t *testing.T, key *jose.JSONWebKey) map[string]any {
	t.Helper()
	raw, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	var jwk map[string]any
	if err := json.Unmarshal(raw, &jwk); err != nil {
		t.Fatal(err)
	}
	delete(jwk, "use")
	jwk["key_ops"], jwk["ext"] = []string{"sign"}, true
	return jwk
}

// got holds what the app read to what is the person's.
func (s *screen) got(u used) {
	s.Helper()
	if u.Patient != s.patient || u.Read != s.patient || u.User != s.patient || u.Subject != s.patient || !strings.HasSuffix(u.FHIRUser, "Patient/"+s.patient) {
		s.Errorf("the person is %s; the app has %+v", s.patient, u)
	}
	if u.OnePage != 2 || !slices.Equal(u.AllPages, []string{"o1", "o2", "o3", "o4", "o5"}) {
		s.Errorf("pages: %d, %v", u.OnePage, u.AllPages)
	}
	if u.Refused != 403 {
		s.Errorf("a delete by who may read: %d", u.Refused)
	}
	if strings.Contains(u.Scope, "offline_access") && (!u.Refreshed || u.Again != s.patient) {
		s.Errorf("refresh: %v, %s", u.Refreshed, u.Again)
	}
}
