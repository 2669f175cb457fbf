package authserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary/internal/authserver"
	"tributary/internal/errs"
)

func TestChecklist_2_1_PostIsServedLikeGet(t *testing.T) {
	h := newHarness(t)
	form := with(h.authorization("public"), "scope=patient/*.rs "+strings.Repeat("patient/Observation.rs ", 2000)) // over 32 KB
	response, err := h.http.PostForm(h.base+"/auth/authorize", form)
	h.must(err)
	defer response.Body.Close()
	if to, err := response.Location(); err != nil || to.Path != "/login" {
		t.Fatalf("status %d, to %v, %v", response.StatusCode, to, err)
	}
}

// TestChecklist_2_RefusalsAreRedirected: each is redirected to the app with
// its error and the state as it was.
func TestChecklist_2_RefusalsAreRedirected(t *testing.T) {
	h := newHarness(t)
	for name, row := range map[string]struct {
		changes []string
		code    string
	}{
		"2.2 response_type missing":   {[]string{"-response_type"}, "invalid_request"},
		"2.2 response_type token":     {[]string{"response_type=token"}, "unauthorized_client"},
		"2.2 scope missing":           {[]string{"-scope"}, "invalid_request"},
		"2.2 scopes all unknown":      {[]string{"scope=patient/Nonsense.rs patient/Observation.sr x"}, "invalid_scope"},
		"2.2 system scope for an app": {[]string{"scope=system/Patient.rs"}, "invalid_scope"},
		"2.4 aud missing":             {[]string{"-aud"}, "invalid_request"},
		"2.4 aud of another server":   {[]string{"aud=https://evil.example.org/fhir/R4"}, "invalid_request"},
		"2.4 aud with a path more":    {[]string{"aud=" + h.fhir + "/x"}, "invalid_request"},
		"2.4 aud with two slashes":    {[]string{"aud=" + h.fhir + "//"}, "invalid_request"},
		"2.5 plain":                   {[]string{"code_challenge_method=plain"}, "invalid_request"},
		"2.5 method missing":          {[]string{"-code_challenge_method"}, "invalid_request"},
		"2.5 unknown method":          {[]string{"code_challenge_method=S512"}, "invalid_request"},
		"2.5 challenge missing":       {[]string{"-code_challenge"}, "invalid_request"},
		"2.5 no S256 challenge":       {[]string{"code_challenge=short"}, "invalid_request"},
		"2.9 launch unknown":          {[]string{"launch=nobody-made-this"}, "invalid_request"},
		"2.9 launch scope alone":      {[]string{"scope=launch patient/*.rs"}, "invalid_request"},
		"request object":              {[]string{"request=e30."}, "request_not_supported"},
		"request_uri":                 {[]string{"request_uri=https://app.example.org/r"}, "request_not_supported"},
		"response_mode":               {[]string{"response_mode=fragment"}, "invalid_request"},
		"prompt none":                 {[]string{"prompt=none"}, "interaction_required"},
	} {
		t.Run(name, func(t *testing.T) {
			to := h.authorize(with(h.authorization("public"), row.changes...))
			got := to.Query()
			if to.Host != "app.example.org" || got.Get("error") != row.code || got.Has("code") {
				t.Fatalf("sent to %s; want error %s", to, row.code)
			}
			if got.Get("state") != "s t/a+t%e" || got.Get("error_description") == "" {
				t.Errorf("state or description: %s", to)
			}
		})
	}
}

func TestChecklist_2_2_StateIsRequired(t *testing.T) {
	h := newHarness(t)
	if to := h.authorize(with(h.authorization("public"), "-state")); to.Query().Get("error") != "invalid_request" {
		t.Fatalf("sent to %s", to)
	}
}

func TestChecklist_2_7_NeverRedirectedToAnUnregisteredPlace(t *testing.T) {
	h := newHarness(t)
	for name, changes := range map[string][]string{
		"client unknown":           {"client_id=nobody"},
		"client missing":           {"-client_id"},
		"redirect missing":         {"-redirect_uri"},
		"redirect unregistered":    {"redirect_uri=https://evil.example.org/"},
		"redirect with more query": {"redirect_uri=" + redirectURI + "&x=1"},
		"redirect without query":   {"redirect_uri=https://app.example.org/callback"},
		"loopback on another port": {"redirect_uri=http://127.0.0.1:9998/cb"},
		"client without redirects": {"client_id=warehouse"},
	} {
		t.Run(name, func(t *testing.T) {
			q := with(h.authorization("public"), changes...)
			a := h.send(httpGet(t, h.base+"/auth/authorize?"+q.Encode()))
			h.refuses(a, "invalid_request", http.StatusBadRequest)
			if a.header.Get("Location") != "" {
				t.Errorf("redirected to %s", a.header.Get("Location"))
			}
		})
	}
}

func TestRepeatedParametersAreRefused(t *testing.T) {
	h := newHarness(t)
	q := h.authorization("public")
	q["redirect_uri"] = []string{redirectURI, "https://evil.example.org/"}
	h.refuses(h.send(httpGet(t, h.base+"/auth/authorize?"+q.Encode())), "invalid_request", http.StatusBadRequest)
}

func TestDisabledClientCannotAsk(t *testing.T) {
	h := newHarness(t)
	h.disable("public")
	a := h.send(httpGet(t, h.base+"/auth/authorize?"+h.authorization("public").Encode()))
	h.refuses(a, "invalid_request", http.StatusBadRequest)
}

func TestChecklist_2_4_AudWithOneSlashAndResource(t *testing.T) {
	h := newHarness(t)
	h.requestID(with(h.authorization("public"), "aud="+h.fhir+"/"))
	h.requestID(with(h.authorization("public"), "-aud", "resource="+h.fhir))
}

func TestChecklist_2_3_StateComesBackOnSuccessAndDenial(t *testing.T) {
	h := newHarness(t)
	approved, err := h.Complete(t.Context(), h.requestID(h.authorization("public")), h.approval("patient/*.rs"))
	h.must(err)
	denied, err := h.Deny(t.Context(), h.requestID(h.authorization("public")))
	h.must(err)
	for text, want := range map[string]string{approved: "code", denied: "error"} {
		u, err := url.Parse(text)
		h.must(err)
		q := u.Query()
		if q.Get("state") != "s t/a+t%e" || q.Get("tenant") != "1" || q.Get(want) == "" {
			t.Errorf("sent to %s; want %s, the state and the URI's own query", text, want)
		}
	}
}

func TestRequestIsAnsweredOnce(t *testing.T) {
	h := newHarness(t)
	id := h.requestID(h.authorization("public"))
	_, err := h.Complete(t.Context(), id, h.approval("patient/*.rs"))
	h.must(err)
	if _, err := h.Complete(t.Context(), id, h.approval("patient/*.rs")); !errs.Is(err, errs.NotFound) {
		t.Errorf("second answer: %v", err)
	}
	if _, err := h.Deny(t.Context(), id); !errs.Is(err, errs.NotFound) {
		t.Errorf("denied after approval: %v", err)
	}
	late := h.requestID(h.authorization("public"))
	h.now = h.now.Add(time.Hour)
	if _, err := h.Request(t.Context(), late); !errs.Is(err, errs.NotFound) {
		t.Errorf("an hour later: %v", err)
	}
}

func TestApprovalIsHeldToTheRequest(t *testing.T) {
	h := newHarness(t)
	id := h.requestID(with(h.authorization("public"), "scope=launch/patient patient/Observation.rs patient/Condition.rs"))
	for name, g := range map[string]authserver.Grant{
		"another type":  h.approval("patient/Patient.rs"),
		"more letters":  h.approval("patient/Observation.cruds"),
		"a wildcard":    h.approval("patient/*.rs"),
		"offline":       h.approval("patient/Observation.rs", "offline_access"),
		"nothing":       h.approval(),
		"no patient":    {Subject: "a", Role: "participant", Scopes: []string{"patient/Observation.rs"}},
		"no subject":    {Patient: "p", Role: "participant", Scopes: []string{"patient/Observation.rs"}},
		"no role":       {Patient: "p", Subject: "a", Scopes: []string{"patient/Observation.rs"}},
		"subject > 255": {Patient: "p", Role: "participant", Subject: strings.Repeat("x", 256), Scopes: []string{"patient/Observation.rs"}},
	} {
		if _, err := h.Complete(t.Context(), id, g); err == nil {
			t.Errorf("%s: approved", name)
		}
	}
	if _, err := h.Complete(t.Context(), id, h.approval("patient/Observation.rs?category=laboratory")); err != nil {
		t.Errorf("checklist 2.8, narrowed to a granular scope: %v", err)
	}
}

func TestChecklist_2_9_LaunchIsForOneAppOnce(t *testing.T) {
	h := newHarness(t)
	launch := func(client string) string {
		token, err := h.NewLaunch(t.Context(), authserver.Launch{Client: client, Patient: "p1", Encounter: "e1", HasBanner: true})
		h.must(err)
		return token
	}
	q := with(h.authorization("public"), "scope=launch patient/*.rs", "launch="+launch("public"))
	id := h.requestID(q)
	if info, err := h.Request(t.Context(), id); err != nil || info.Patient != "p1" {
		t.Errorf("request %+v, %v", info, err)
	}
	wrong := h.approval("launch", "patient/*.rs")
	wrong.Patient = "p2"
	if _, err := h.Complete(t.Context(), id, wrong); !errs.Is(err, errs.Conflict) {
		t.Errorf("another patient: %v", err)
	}
	for _, again := range []url.Values{q, with(q, "launch="+launch("symmetric"))} {
		if to := h.authorize(again); to.Query().Get("error") != "invalid_request" {
			t.Errorf("sent to %s", to)
		}
	}
	expired := launch("public")
	h.now = h.now.Add(6 * time.Minute)
	if to := h.authorize(with(q, "launch="+expired)); to.Query().Get("error") != "invalid_request" {
		t.Errorf("expired: sent to %s", to)
	}
}

func httpGet(t *testing.T, u string) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
