package authserver_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"tributary/internal/access"
	"tributary/internal/authserver"
)

// authorization is a correct authorization request of a client.
func (h *harness) authorization(client string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {redirectURI},
		"scope": {"openid fhirUser launch/patient offline_access patient/*.rs"}, "state": {"s t/a+t%e"},
		"aud": {h.fhir}, "nonce": {"n-1"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
	}
}

// with returns values changed: "name=value" sets, "-name" removes.
func with(values url.Values, changes ...string) url.Values {
	changed := url.Values{}
	for name, v := range values {
		changed[name] = v
	}
	for _, change := range changes {
		if name, ok := strings.CutPrefix(change, "-"); ok {
			changed.Del(name)
			continue
		}
		name, value, _ := strings.Cut(change, "=")
		changed.Set(name, value)
	}
	return changed
}

// authorize sends a browser to the authorize endpoint; where it is sent on to.
func (h *harness) authorize(q url.Values) *url.URL {
	h.t.Helper()
	response, err := h.http.Get(h.base + "/auth/authorize?" + q.Encode())
	h.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusFound {
		body, _ := io.ReadAll(response.Body)
		h.t.Fatalf("authorize: status %d: %s", response.StatusCode, body)
	}
	to, err := response.Location()
	h.must(err)
	return to
}

// requestID is the id that the login page gets for a correct request.
func (h *harness) requestID(q url.Values) string {
	h.t.Helper()
	to := h.authorize(q)
	if to.Path != "/login" {
		h.t.Fatalf("sent to %s, not to the login page", to)
	}
	return to.Query().Get("id")
}

func (h *harness) approval(scopes ...string) authserver.Grant {
	return authserver.Grant{Subject: "account-1", Patient: "p1", FHIRUser: "Patient/p1", Role: access.Participant, Scopes: scopes}
}

// code is a code for all that the request asked for.
func (h *harness) code(q url.Values) string {
	h.t.Helper()
	id := h.requestID(q)
	info, err := h.Request(h.t.Context(), id)
	h.must(err)
	back, err := h.Complete(h.t.Context(), id, h.approval(info.Scopes...))
	h.must(err)
	return codeOf(h, back)
}

func codeOf(h *harness, back string) string {
	h.t.Helper()
	u, err := url.Parse(back)
	h.must(err)
	return u.Query().Get("code")
}

// answer is a response of a JSON endpoint.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (a answer) text(name string) string {
	s, _ := a.body[name].(string)
	return s
}

// basic is HTTP Basic authentication; the zero value sends none.
type basic struct{ id, secret string }

func (h *harness) post(path string, form url.Values, auth basic) answer {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, h.base+path, strings.NewReader(form.Encode()))
	h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if auth != (basic{}) {
		r.SetBasicAuth(url.QueryEscape(auth.id), url.QueryEscape(auth.secret))
	}
	return h.send(r)
}

func (h *harness) send(r *http.Request) answer {
	h.t.Helper()
	response, err := h.http.Do(r)
	h.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	h.must(err)
	a := answer{status: response.StatusCode, header: response.Header}
	if err := json.Unmarshal(text, &a.body); err != nil {
		h.t.Fatalf("%s: status %d, not JSON: %.200q", r.URL.Path, a.status, text)
	}
	return a
}

// exchange is the form that turns a public client's code into tokens.
func exchange(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirectURI},
		"client_id": {"public"}, "code_verifier": {verifier}}
}

// tokens runs the whole flow for the public client.
func (h *harness) tokens(changes ...string) answer {
	h.t.Helper()
	a := h.post("/auth/token", exchange(h.code(with(h.authorization("public"), changes...))), basic{})
	if a.status != http.StatusOK {
		h.t.Fatalf("token: status %d: %v", a.status, a.body)
	}
	return a
}

// refuses checks the shape of an OAuth error (RFC 6749, section 5.2).
func (h *harness) refuses(a answer, code string, statuses ...int) {
	h.t.Helper()
	ok := false
	for _, s := range statuses {
		ok = ok || a.status == s
	}
	if !ok || a.text("error") != code || a.body["access_token"] != nil {
		h.t.Fatalf("status %d, %v; want %v %s", a.status, a.body, statuses, code)
	}
	if a.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		h.t.Errorf("headers %v", a.header)
	}
}

func (h *harness) resolves(token string, want bool) {
	h.t.Helper()
	if _, err := h.Resolve(h.t.Context(), token); (err == nil) != want {
		h.t.Fatalf("token resolves: %v; want %v", err, want)
	}
}
