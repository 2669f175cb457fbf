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

// launchedWith is the whole flow of an app that was launched.
func (h *harness) launchedWith(l authserver.Launch, scopes string) answer {
	h.t.Helper()
	l.Client = "public"
	launch, err := h.NewLaunch(h.t.Context(), l)
	h.must(err)
	return h.tokens("launch="+launch, "scope="+scopes)
}

func (h *harness) redirected(changes ...string) url.Values {
	h.t.Helper()
	return h.authorize(with(h.authorization("public"), changes...)).Query()
}

// TestSMARTAuthorize: SMART App Launch 2.2, "Obtain authorization code"; RFC 6749,
// section 4.1.
func TestSMARTAuthorize(t *testing.T) {
	hold(t, []requirement{
		{"2.1 GET and POST", func(h *harness, t *testing.T) {
			h.requestID(h.authorization("public"))
			response, err := h.http.PostForm(h.base+"/auth/authorize", h.authorization("public"))
			h.must(err)
			defer response.Body.Close()
			if to, err := response.Location(); err != nil || to.Path != "/login" {
				t.Errorf("POST: %v, %v", to, err)
			}
		}},
		{"2.2 required parameters", func(h *harness, t *testing.T) {
			for _, name := range []string{"response_type", "scope", "state", "aud", "code_challenge", "code_challenge_method"} {
				if got := h.redirected("-" + name); got.Get("error") == "" || got.Has("code") {
					t.Errorf("without %s: %v", name, got)
				}
			}
		}},
		{"2.3 state as it was, on errors too", func(h *harness, t *testing.T) {
			state := "a b+c%20&=ü\"<>"
			id := h.requestID(with(h.authorization("public"), "state="+state))
			back, err := h.Deny(t.Context(), id)
			h.must(err)
			u, err := url.Parse(back)
			h.must(err)
			if got := h.redirected("state="+state, "-aud"); got.Get("state") != state || u.Query().Get("state") != state {
				t.Errorf("%q, %q", got.Get("state"), u.Query().Get("state"))
			}
		}},
		{"2.4 another aud never gets a code", func(h *harness, t *testing.T) {
			for _, aud := range []string{"https://evil.example.org/fhir/R4", h.fhir + "x", h.base, strings.ToUpper(h.fhir), h.fhir + "?x=1"} {
				if got := h.redirected("aud=" + aud); got.Get("error") != "invalid_request" {
					t.Errorf("%s: %v", aud, got)
				}
			}
		}},
		{"2.5 plain is refused", func(h *harness, t *testing.T) {
			if got := h.redirected("code_challenge_method=plain", "code_challenge="+verifier); got.Get("error") != "invalid_request" {
				t.Errorf("%v", got)
			}
		}},
		{"2.6 a code is of its client, redirect_uri and challenge, for a minute, once", func(h *harness, t *testing.T) {
			code := h.code(h.authorization("public"))
			h.refuses(h.post("/auth/token", with(exchange(code), "redirect_uri=http://127.0.0.1:9999/cb"), basic{}), "invalid_grant", 400)
			code = h.code(h.authorization("public"))
			h.now = h.now.Add(61 * time.Second)
			h.refuses(h.post("/auth/token", exchange(code), basic{}), "invalid_grant", 400)
		}},
		{"2.8 the person narrows to a part, and only that is granted", func(h *harness, t *testing.T) {
			id := h.requestID(with(h.authorization("public"), "scope=launch/patient patient/Condition.rs patient/Observation.rs"))
			narrow := []string{"launch/patient", "patient/Condition.rs?category=problem-list-item", "patient/Observation.rs?category=laboratory"}
			back, err := h.Complete(t.Context(), id, h.approval(narrow...))
			h.must(err)
			u, _ := url.Parse(back)
			if a := h.post("/auth/token", exchange(u.Query().Get("code")), basic{}); a.text("scope") != strings.Join(narrow, " ") {
				t.Errorf("scope %q", a.text("scope"))
			}
		}},
		{"2.8 the person is told of offline_access", func(h *harness, t *testing.T) {
			info, err := h.Request(t.Context(), h.requestID(h.authorization("public")))
			if h.must(err); !info.Offline || info.Online {
				t.Errorf("%+v", info)
			}
		}},
		{"2.9 launch comes back to its context, for one app, once", func(h *harness, t *testing.T) {
			launch, err := h.NewLaunch(t.Context(), authserver.Launch{Client: "public", Patient: "p1"})
			h.must(err)
			if a := h.tokens("launch="+launch, "scope=launch patient/*.rs"); a.text("patient") != "p1" {
				t.Errorf("%v", a.body)
			}
			if got := h.redirected("launch="+launch, "scope=launch patient/*.rs"); got.Get("error") != "invalid_request" {
				t.Errorf("again: %v", got)
			}
		}},
	})
}

// TestSMARTLaunchContext: SMART App Launch 2.2, "Scopes for requesting context data".
func TestSMARTLaunchContext(t *testing.T) {
	hold(t, []requirement{
		{"3.1 a patient scope has its patient", func(h *harness, t *testing.T) {
			if a := h.tokens("scope=patient/Observation.rs"); a.text("patient") != "p1" {
				t.Errorf("standalone: %v", a.body)
			}
			g := h.approval("patient/Observation.rs")
			g.Patient = ""
			if _, err := h.Complete(t.Context(), h.requestID(with(h.authorization("public"), "scope=patient/Observation.rs")), g); !errs.Is(err, errs.Invalid) {
				t.Errorf("without a patient: %v", err)
			}
		}},
		{"3.2 launch/patient and launch/encounter standalone", func(h *harness, t *testing.T) {
			if a := h.tokens("scope=launch/patient launch/encounter patient/*.rs"); a.text("patient") != "p1" || a.text("encounter") != "visit-of-p1" {
				t.Errorf("%v", a.body)
			}
			if a := h.tokens("scope=launch/patient patient/*.rs"); a.body["encounter"] != nil {
				t.Errorf("not asked for: %v", a.body)
			}
		}},
		{"3.3 fhirContext by its rules", testFHIRContext},
		{"3.4 banner, style, encounter, intent", func(h *harness, t *testing.T) {
			a := h.launchedWith(authserver.Launch{Patient: "p1", Encounter: "e1", HasBanner: true, Intent: "review"}, "launch patient/*.rs")
			if a.text("patient") != "p1" || a.text("encounter") != "e1" || a.body["need_patient_banner"] != false || a.text("intent") != "review" {
				t.Errorf("%v", a.body)
			}
			style := h.send(httpGet(t, a.text("smart_style_url")))
			if style.status != 200 || style.text("color_background") == "" || style.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("style: %d %v", style.status, style.body)
			}
		}},
		{"3.5 smart_style_url changes with its content", func(h *harness, t *testing.T) {
			before := h.launchedWith(authserver.Launch{Patient: "p1"}, "launch patient/*.rs").text("smart_style_url")
			h.style = map[string]string{"color_text": "#000000"}
			h.Server = h.compose()
			after := h.launchedWith(authserver.Launch{Patient: "p1"}, "launch patient/*.rs").text("smart_style_url")
			response, err := h.http.Get(before)
			h.must(err)
			response.Body.Close()
			if before == after || response.StatusCode != http.StatusNotFound {
				t.Errorf("%s, %s: the old is answered with %d", before, after, response.StatusCode)
			}
		}},
	})
}

func testFHIRContext(h *harness, t *testing.T) {
	uri := "https://example.org/role"
	for name, row := range map[string]struct {
		item authserver.ContextItem
		good bool
	}{
		"reference":               {authserver.ContextItem{Reference: "ImagingStudy/1"}, true},
		"canonical":               {authserver.ContextItem{Canonical: "https://example.org/Questionnaire/q", Type: "Questionnaire"}, true},
		"identifier":              {authserver.ContextItem{Identifier: &authserver.Identifier{System: "urn:x", Value: "1"}, Type: "ServiceRequest"}, true},
		"Patient in another role": {authserver.ContextItem{Reference: "Patient/2", Role: uri}, true},
		"nothing":                 {authserver.ContextItem{Role: uri}, false},
		"absolute reference":      {authserver.ContextItem{Reference: "https://example.org/ImagingStudy/1"}, false},
		"Patient":                 {authserver.ContextItem{Reference: "Patient/1"}, false},
		"Encounter as launch":     {authserver.ContextItem{Reference: "Encounter/1", Role: "launch"}, false},
		"Patient by identifier":   {authserver.ContextItem{Identifier: &authserver.Identifier{Value: "1"}, Type: "Patient"}, false},
		"identifier without":      {authserver.ContextItem{Identifier: &authserver.Identifier{System: "urn:x"}}, false},
		"role that is no URI":     {authserver.ContextItem{Reference: "ImagingStudy/1", Role: "x"}, false},
	} {
		_, err := h.NewLaunch(t.Context(), authserver.Launch{Client: "public", FHIRContext: []authserver.ContextItem{row.item}})
		if (err == nil) != row.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := h.launchedWith(authserver.Launch{Patient: "p1", FHIRContext: []authserver.ContextItem{{Reference: "ImagingStudy/1"}, {Reference: "Patient/2", Role: uri}}}, "launch offline_access patient/*.rs")
	again := h.refresh(a.text("refresh_token"))
	for _, got := range []answer{a, again} {
		list, _ := got.body["fhirContext"].([]any)
		if len(list) != 2 || list[0].(map[string]any)["reference"] != "ImagingStudy/1" || list[1].(map[string]any)["role"] != uri {
			t.Errorf("%v", got.body)
		}
	}
}
