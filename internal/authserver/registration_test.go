package authserver_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tributary/internal/authserver"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

const initial = "an initial access token"

// open lets apps register themselves.
func (h *harness) open(issuers ...authserver.StatementIssuer) {
	h.registration = authserver.Registration{Token: initial, Issuers: issuers, Scopes: "openid fhirUser launch/patient offline_access patient/*.rs"}
	h.Server = h.compose()
}

// call sends JSON with a bearer token.
func (h *harness) call(method, to, bearer string, body any) answer {
	h.t.Helper()
	text, err := json.Marshal(body)
	h.must(err)
	r, err := http.NewRequest(method, to, strings.NewReader(string(text)))
	h.must(err)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := h.http.Do(r)
	h.must(err)
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	_ = json.NewDecoder(response.Body).Decode(&a.body) // a 204 has none
	return a
}

type fields = map[string]any

func app(changes fields) fields {
	m := fields{"client_name": "An app", "redirect_uris": []string{redirectURI}, "token_endpoint_auth_method": "none"}
	maps.Copy(m, changes)
	return m
}

func TestNobodyRegistersUnlessConfigured(t *testing.T) {
	h := newHarness(t)
	if a := h.call("POST", h.base+"/auth/register", initial, app(nil)); a.status != http.StatusNotFound || h.smart("").body["registration_endpoint"] != nil {
		t.Errorf("%d %v", a.status, a.body)
	}
}

// TestRegistration: RFC 7591, section 3, and RFC 7592.
func TestRegistration(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		h := newHarnessOn(t, s)
		h.open()
		at := h.smart("").text("registration_endpoint")
		a := h.call("POST", at, initial, app(fields{"scope": "openid patient/*.rs patient/*.cruds system/*.rs", "unknown": true}))
		id, own, token := a.text("client_id"), a.text("registration_client_uri"), a.text("registration_access_token")
		if a.status != http.StatusCreated || id == "" || !strings.HasPrefix(own, at+"/") || token == "" || a.body["client_secret"] != nil ||
			a.text("scope") != "openid patient/*.rs" || a.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v %v", a.status, a.header, a.body)
		}
		tokens := h.post("/auth/token", with(exchange(h.code(with(h.authorization(id), "scope=patient/*.rs"))), "client_id="+id), basic{})
		h.resolves(tokens.text("access_token"), true)
		if got := h.call("GET", own, token, nil); got.status != 200 || got.text("client_name") != "An app" {
			t.Errorf("read: %d %v", got.status, got.body)
		}
		changed := h.call("PUT", own, token, app(fields{"client_id": id, "client_name": "Another name", "token_endpoint_auth_method": "client_secret_basic", "scope": "patient/Patient.rs"}))
		if changed.status != 200 || changed.text("client_name") != "Another name" || changed.text("client_secret") == "" || changed.body["client_secret_expires_at"] != 0.0 {
			t.Errorf("update: %d %v", changed.status, changed.body)
		}
		h.resolves(tokens.text("access_token"), false) // it was granted more than the app asks for now
		if got := h.call("PUT", own, token, app(fields{"client_id": "public"})); got.status != 400 {
			t.Errorf("of another: %d %v", got.status, got.body)
		}
		other := h.call("POST", at, initial, app(nil)).text("registration_access_token")
		for _, bearer := range []string{"", "x", initial, other, tokens.text("access_token")} {
			if got := h.call("DELETE", own, bearer, nil); got.status != 401 {
				t.Errorf("with another token: %d", got.status)
			}
		}
		if got := h.call("DELETE", own, token, nil); got.status != http.StatusNoContent {
			t.Errorf("delete: %d %v", got.status, got.body)
		}
		if got := h.call("GET", own, token, nil); got.status != 401 {
			t.Errorf("after delete: %d", got.status)
		}
	})
}

// What an app says of itself is checked, kept, given back and replaced; it puts the app
// into no gallery and is fetched from nowhere.
func TestRegistrationKeepsWhatAppsSay(t *testing.T) {
	h := newHarness(t)
	h.open()
	said := fields{"client_uri": "https://app.example.org", "logo_uri": "https://app.example.org/logo.png", "tos_uri": "https://app.example.org/terms",
		"policy_uri": "https://app.example.org/privacy?v=1", "initiate_login_uri": "https://app.example.org/launch", "contacts": []any{"dev@app.example.org"},
		"software_id": "4NRB1-0XZABZI9E6-5SM3R", "software_version": "2.1"}
	a := h.call("POST", h.base+"/auth/register", initial, app(said))
	own, token := a.text("registration_client_uri"), a.text("registration_access_token")
	for name, want := range said {
		if got := h.call("GET", own, token, nil); !reflect.DeepEqual(a.body[name], want) || !reflect.DeepEqual(got.body[name], want) {
			t.Errorf("%s is %v, then %v", name, a.body[name], got.body[name])
		}
	}
	all, err := tables.Apps{}.Listings(t.Context(), h.store)
	h.must(err)
	if l, err := (tables.Apps{}).Listing(t.Context(), h.store, a.text("client_id")); err != nil || len(all) != 0 || l.Website != "" || l.LaunchURL != "" {
		t.Errorf("people are told %+v of it (%v)", l, err)
	}
	changed := h.call("PUT", own, token, app(fields{"client_id": a.text("client_id"), "client_uri": "https://other.example.org/"}))
	if got := h.call("GET", own, token, nil); changed.text("client_uri") != "https://other.example.org/" || got.text("client_uri") != "https://other.example.org/" || got.body["logo_uri"] != nil {
		t.Errorf("after a change: %v", got.body)
	}
}

func TestRegistrationRefuses(t *testing.T) {
	h := newHarness(t)
	h.open()
	at := h.base + "/auth/register"
	for _, bearer := range []string{"", "wrong", initial + "x"} {
		if a := h.call("POST", at, bearer, app(nil)); a.status != 401 || a.body["client_id"] != nil {
			t.Errorf("with %q: %d %v", bearer, a.status, a.body)
		}
	}
	for name, row := range map[string]struct {
		change fields
		code   string
	}{
		"no redirect":       {fields{"redirect_uris": []string{}}, "invalid_redirect_uri"},
		"http":              {fields{"redirect_uris": []string{"http://app.example.org/cb"}}, "invalid_redirect_uri"},
		"fragment":          {fields{"redirect_uris": []string{"https://app.example.org/cb#x"}}, "invalid_redirect_uri"},
		"wildcard":          {fields{"redirect_uris": []string{"https://*.example.org/cb"}}, "invalid_redirect_uri"},
		"user":              {fields{"redirect_uris": []string{"https://a@example.org/cb"}}, "invalid_redirect_uri"},
		"up":                {fields{"redirect_uris": []string{"https://app.example.org/a/../cb"}}, "invalid_redirect_uri"},
		"up, escaped":       {fields{"redirect_uris": []string{"https://app.example.org/a/%2E%2e/cb"}}, "invalid_redirect_uri"},
		"script":            {fields{"redirect_uris": []string{"javascript:alert(1)"}}, "invalid_redirect_uri"},
		"newline":           {fields{"redirect_uris": []string{"https://app.example.org/\r\nX: y"}}, "invalid_redirect_uri"},
		"secret in body":    {fields{"token_endpoint_auth_method": "client_secret_post"}, "invalid_client_metadata"},
		"grant":             {fields{"grant_types": []string{"client_credentials"}}, "invalid_client_metadata"},
		"response":          {fields{"response_types": []string{"token"}}, "invalid_client_metadata"},
		"name":              {fields{"client_name": ""}, "invalid_client_metadata"},
		"name that moves":   {fields{"client_name": "a\nb"}, "invalid_client_metadata"},
		"keys without use":  {fields{"jwks_uri": "https://app.example.org/keys"}, "invalid_client_metadata"},
		"use without keys":  {fields{"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"},
		"keys over http":    {fields{"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://app.example.org/keys"}, "invalid_client_metadata"},
		"site over http":    {fields{"client_uri": "http://app.example.org"}, "invalid_client_metadata"},
		"logo as data":      {fields{"logo_uri": "data:image/png;base64,xx"}, "invalid_client_metadata"},
		"logo as script":    {fields{"logo_uri": "javascript:alert(1)"}, "invalid_client_metadata"},
		"terms of a user":   {fields{"tos_uri": "https://a:b@example.org/"}, "invalid_client_metadata"},
		"policy, fragment":  {fields{"policy_uri": "https://example.org/#x"}, "invalid_client_metadata"},
		"launch, relative":  {fields{"initiate_login_uri": "/launch"}, "invalid_client_metadata"},
		"long site":         {fields{"client_uri": "https://example.org/" + strings.Repeat("x", 2000)}, "invalid_client_metadata"},
		"many contacts":     {fields{"contacts": strings.Fields(strings.Repeat("x ", 11))}, "invalid_client_metadata"},
		"contact that goes": {fields{"contacts": []string{"a\r\nb"}}, "invalid_client_metadata"},
		"long software":     {fields{"software_id": strings.Repeat("x", 201)}, "invalid_client_metadata"},
		"id_token unsigned": {fields{"id_token_signed_response_alg": "none"}, "invalid_client_metadata"},
		"scopes":            {fields{"scope": "system/*.rs"}, "invalid_client_metadata"},
	} {
		if a := h.call("POST", at, initial, app(row.change)); a.status != 400 || a.text("error") != row.code || a.text("error_description") == "" {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
	if a := h.call("POST", at, initial, app(fields{"client_name": strings.Repeat("x", 70<<10)})); a.status != 400 {
		t.Errorf("too long: %d", a.status)
	}
}

// TestSoftwareStatement: RFC 7591, section 2.3.
func TestSoftwareStatement(t *testing.T) {
	h, k := newHarness(t), newKeyServer(t, keySet(keys().ec, keys().rsa))
	h.open(authserver.StatementIssuer{Issuer: "https://store.example.org", KeysURL: k.URL + "/keys"})
	state := func(key jose.JSONWebKey, change func(fields)) answer {
		claims := fields{"iss": "https://store.example.org", "software_id": "x", "client_name": "Vouched for", "exp": jwt.NewNumericDate(h.now.Add(time.Hour))}
		change(claims)
		return h.call("POST", h.base+"/auth/register", "", app(fields{"software_statement": h.sign(key, claims)}))
	}
	if a := state(keys().ec, func(fields) {}); a.status != 201 || a.text("client_name") != "Vouched for" {
		t.Errorf("%d %v", a.status, a.body)
	}
	for name, a := range map[string]answer{
		"another issuer": state(keys().ec, func(c fields) { c["iss"] = "https://evil.example.org" }),
		"another key":    state(keys().other, func(fields) {}),
		"over":           state(keys().ec, func(c fields) { c["exp"] = jwt.NewNumericDate(h.now.Add(-time.Hour)) }),
		"unsigned":       h.call("POST", h.base+"/auth/register", "", app(fields{"software_statement": "eyJhbGciOiJub25lIn0.e30."})),
	} {
		if a.status != 400 || !strings.Contains(a.text("error"), "software_statement") || a.body["client_id"] != nil {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
}
