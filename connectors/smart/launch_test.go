package smart

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tributary/connectors"
)

func TestDiscovery(t *testing.T) {
	for _, c := range []struct {
		name    string
		members map[string]string
		want    connectors.Failure
	}{
		{"good", nil, ""},
		{"token endpoint on another host", map[string]string{"token_endpoint": "https://elsewhere.invalid/token"}, connectors.ForeignHost},
		{"keys on another host", map[string]string{"jwks_uri": "https://elsewhere.invalid/jwks"}, connectors.ForeignHost},
		{"no token endpoint", map[string]string{"token_endpoint": ""}, connectors.BadAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, conn, p := newEHR(t, Options{})
			e.configure(c.members)
			_, err := conn.Begin(t.Context(), p, "https://study.example/callback")
			if c.want != "" {
				failure(t, err, c.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	e, conn, p := newEHR(t, Options{})
	e.answer("/fhir/.well-known/smart-configuration", 200, "<html>")
	_, err := conn.Begin(t.Context(), p, "")
	failure(t, err, connectors.BadAnswer)
}

func TestAuthorizeURL(t *testing.T) {
	for vendor, aud := range map[string]string{"": "BASE/fhir/", "oracle": "BASE/fhir", "va": ""} {
		e, conn, p := newEHR(t, Options{})
		e.configure(map[string]string{"authorization_endpoint": e.URL + "/authorize?tenant=7"})
		p.FHIRBase, p.Vendor = p.FHIRBase+"/", vendor
		a, err := conn.Begin(t.Context(), p, "https://study.example/callback")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(a.URL)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if want := strings.Replace(aud, "BASE", e.URL, 1); q.Get("aud") != want || q.Has("aud") != (want != "") {
			t.Errorf("%q: aud is %q", vendor, q.Get("aud"))
		}
		if q.Get("tenant") != "7" || q.Get("state") != a.State || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == a.Verifier {
			t.Errorf("%q: %s", vendor, a.URL)
		}
	}
}

var pending = connectors.Authorization{State: "s", Verifier: "v", Nonce: "n", Redirect: "https://study.example/callback"}

func back() url.Values { return url.Values{"state": {"s"}, "code": {"c"}} }

func TestTokenAnswers(t *testing.T) {
	for _, c := range []struct {
		name, body string
		scopes     []string
		expiry     time.Duration
		want       connectors.Failure
	}{
		{"as specified", `{"access_token":"a","patient":"p1","scope":"openid patient/*.rs","expires_in":600}`, []string{"openid", "patient/*.rs"}, 10 * time.Minute, ""},
		{"scope as array", `{"access_token":"a","patient":"p1","scope":["openid","patient/*.rs"]}`, []string{"openid", "patient/*.rs"}, 0, ""},
		{"expires_in as string", `{"access_token":"a","patient":"p1","scope":"x","expires_in":"600"}`, []string{"x"}, 10 * time.Minute, ""},
		{"no patient", `{"access_token":"a"}`, nil, 0, connectors.BadAnswer},
		{"no token", `{"patient":"p1"}`, nil, 0, connectors.BadAnswer},
		{"not JSON", `<html>`, nil, 0, connectors.BadAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, conn, p := newEHR(t, Options{})
			e.configure(nil)
			e.answer("/token", 200, c.body)
			got, err := conn.Complete(t.Context(), p, pending, back())
			if c.want != "" {
				failure(t, err, c.want)
				return
			}
			if err != nil || !slices.Equal(got.Scopes, c.scopes) || c.expiry == 0 && !got.Expiry.IsZero() || c.expiry != 0 && !got.Expiry.Equal(testNow.Add(c.expiry)) {
				t.Errorf("%+v, %v", got, err)
			}
			if form := e.forms[len(e.forms)-1]; form.Get("code_verifier") != "v" || form.Get("client_id") != "study" {
				t.Errorf("asked with %v", form)
			}
		})
	}
}

func TestStateMismatchAsksNobody(t *testing.T) {
	e, conn, p := newEHR(t, Options{})
	_, err := conn.Complete(t.Context(), p, pending, url.Values{"state": {"other"}, "code": {"c"}})
	failure(t, err, connectors.BadState)
	if len(e.asked()) != 0 {
		t.Error("the provider was asked")
	}
}

func TestTokenRefusals(t *testing.T) {
	good := reply{200, `{"access_token":"a","refresh_token":"r2","patient":"p1"}`, nil}
	grant := reply{400, `{"error":"invalid_grant","error_description":"p1"}`, nil}
	bareOne := reply{400, "", nil}
	for _, c := range []struct {
		name     string
		replies  []reply
		refresh  bool
		want     connectors.Failure
		requests int
	}{
		{"code refused", []reply{grant}, false, connectors.CodeRefused, 1},
		{"refresh refused", []reply{grant}, true, connectors.Reconnect, 1},
		{"bare 400, then success", []reply{bareOne, good}, true, "", 2},
		{"bare 400 for good", []reply{bareOne}, true, connectors.Reconnect, 3},
		{"server error", []reply{{500, "", nil}}, true, connectors.Down, 1},
		{"busy", []reply{{400, `{"error":"temporarily_unavailable"}`, nil}}, true, connectors.Down, 1},
		{"throttled", []reply{{429, "", []string{"Retry-After", "60"}}}, true, connectors.Throttled, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, conn, p := newEHR(t, Options{})
			e.configure(nil)
			e.answers("/token", c.replies...)
			var err error
			if c.refresh {
				_, err = conn.Refresh(t.Context(), p, creds)
			} else {
				_, err = conn.Complete(t.Context(), p, pending, back())
			}
			if c.want == "" && err != nil {
				t.Error(err)
			} else if c.want != "" {
				failure(t, err, c.want)
			}
			if n := len(e.asked()) - 1; n != c.requests {
				t.Errorf("%d token requests", n)
			}
		})
	}
}

func TestRefresh(t *testing.T) {
	old := creds
	old.Scopes = []string{"patient/*.rs"}
	for _, c := range []struct {
		name, body, refresh string
		want                connectors.Failure
	}{
		{"rotated", `{"access_token":"a2","refresh_token":"r2"}`, "r2", ""},
		{"kept", `{"access_token":"a2"}`, "secret-refresh", ""},
		{"of another patient", `{"access_token":"a2","patient":"p2"}`, "", connectors.BadAnswer},
	} {
		e, conn, p := newEHR(t, Options{})
		e.configure(nil)
		e.answer("/token", 200, c.body)
		got, err := conn.Refresh(t.Context(), p, old)
		if c.want != "" {
			failure(t, err, c.want)
		} else if err != nil || got.Refresh != c.refresh || got.Access != "a2" || got.Patient != "p1" || len(got.Scopes) != 1 {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestConfidentialClient(t *testing.T) {
	e, conn, p := newEHR(t, Options{})
	p.Secret = "pass word"
	e.configure(nil)
	e.answer("/token", 200, `{"access_token":"a"}`)
	if _, err := conn.Refresh(t.Context(), p, creds); err != nil {
		t.Fatal(err)
	}
	user, password, ok := e.seen[len(e.seen)-1].BasicAuth()
	if !ok || user != "study" || password != "pass+word" || e.forms[len(e.forms)-1].Has("client_id") {
		t.Errorf("authenticated as %q, %v", user, ok)
	}
}

func TestIDToken(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(claims map[string]any)
		none   bool
		ok     bool
	}{
		{"good", func(map[string]any) {}, false, true},
		{"wrong nonce", func(m map[string]any) { m["nonce"] = "other" }, false, false},
		{"no nonce", func(m map[string]any) { delete(m, "nonce") }, false, false},
		{"wrong audience", func(m map[string]any) { m["aud"] = "other" }, false, false},
		{"wrong issuer", func(m map[string]any) { m["iss"] = "https://other.example" }, false, false},
		{"expired", func(m map[string]any) { m["exp"] = testNow.Add(-time.Minute).Unix() }, false, false},
		{"unsigned", func(map[string]any) {}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, conn, p := newEHR(t, Options{})
			e.configure(nil)
			keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
			if err != nil {
				t.Fatal(err)
			}
			e.answer("/jwks", 200, string(keys))
			claims := map[string]any{"iss": e.URL, "aud": "study", "sub": "person", "nonce": "n", "exp": testNow.Add(time.Hour).Unix(), "iat": testNow.Unix()}
			c.change(claims)
			e.answer("/token", 200, `{"access_token":"a","patient":"p1","id_token":"`+signed(t, key, claims, c.none)+`"}`)
			got, err := conn.Complete(t.Context(), p, pending, back())
			if c.ok && (err != nil || got.Subject != "person") {
				t.Errorf("%q, %v", got.Subject, err)
			} else if !c.ok {
				failure(t, err, connectors.BadAnswer)
			}
		})
	}
}

func signed(t *testing.T, key *ecdsa.PrivateKey, claims map[string]any, none bool) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	if none {
		encode := base64.RawURLEncoding.EncodeToString
		return encode([]byte(`{"alg":"none"}`)) + "." + encode(payload) + "."
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
