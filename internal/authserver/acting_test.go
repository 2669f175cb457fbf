package authserver_test

import (
	"context"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/authserver"
	"tributary/internal/errs"
)

// permission is a recorded one, for "helper" to act for p1.
type permission struct{ since, until time.Time }

func (p *permission) acts(h *harness) authserver.Acts {
	return func(_ context.Context, delegate, patient string, since time.Time) (time.Time, bool, error) {
		there := delegate == "helper" && patient == "p1" && !p.since.After(since)
		return p.until, there && (p.until.IsZero() || p.until.After(h.now)), nil
	}
}

// acting is a server on which a permission is recorded since an hour.
func acting(t *testing.T, until time.Duration) (*harness, *permission) {
	h := newHarness(t)
	p := &permission{since: h.now.Add(-time.Hour)}
	if until != 0 {
		p.until = h.now.Add(until)
	}
	h.acts = p.acts(h)
	h.Server = h.compose()
	return h, p
}

func (h *harness) delegated(patient string) (answer, error) {
	id := h.requestID(h.authorization("public"))
	back, err := h.Complete(h.t.Context(), id, authserver.Grant{Subject: "helper", Patient: patient, Role: access.Delegate,
		Scopes: []string{"launch/patient", "offline_access", "patient/*.rs"}})
	if err != nil {
		return answer{}, err
	}
	return h.post("/auth/token", exchange(codeOf(h, back)), basic{}), nil
}

// An app of a delegate asks for the person they act for.
func TestADelegateLetsAnAppIn(t *testing.T) {
	h, _ := acting(t, 0)
	a, err := h.delegated("p1")
	h.must(err)
	who, err := h.Resolve(t.Context(), a.text("access_token"))
	if err != nil || who.Role != access.Delegate || who.ID != "helper" || who.Patient != "p1" || a.text("patient") != "p1" {
		t.Errorf("%+v, %v; %v", who, err, a.body)
	}
	if _, err := h.delegated("p2"); errs.Of(err).Kind != errs.Forbidden {
		t.Errorf("for somebody else: %v", err)
	}
	h.acts = nil
	h.Server = h.compose()
	if _, err := h.delegated("p1"); errs.Of(err).Kind != errs.Forbidden {
		t.Errorf("where nobody acts for another: %v", err)
	}
}

// The line: stillActing in liveHash, resolver.go, and in lasting, acting.go.
func TestAttackAfterAPermissionEnded(t *testing.T) {
	for name, end := range map[string]func(*harness, *permission){
		"taken back": func(h *harness, p *permission) { p.until = h.now },
		"its end":    func(h *harness, _ *permission) { h.now = h.now.Add(10 * time.Minute) },
		"given anew": func(h *harness, p *permission) { p.since, p.until = h.now.Add(time.Second), time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			h, p := acting(t, 10*time.Minute)
			a, err := h.delegated("p1")
			h.must(err)
			if seconds, _ := a.body["expires_in"].(float64); seconds != 600 {
				t.Errorf("good for %v seconds, beyond the permission", seconds)
			}
			h.resolves(a.text("access_token"), true)
			end(h, p)
			h.now = h.now.Add(2 * time.Second)
			h.resolves(a.text("access_token"), false)
			h.refuses(h.refresh(a.text("refresh_token")), "invalid_grant", 400)
			p.since, p.until = time.Time{}, time.Time{}
			h.resolves(a.text("access_token"), false) // nor does it come back
			h.refuses(h.refresh(a.text("refresh_token")), "invalid_grant", 400)
		})
	}
}

// A refresh alone finds the end of a permission too.
func TestADelegatesRefreshEnds(t *testing.T) {
	h, p := acting(t, 0)
	a, err := h.delegated("p1")
	h.must(err)
	again := h.refresh(a.text("refresh_token"))
	h.resolves(again.text("access_token"), true)
	p.until = h.now
	h.refuses(h.refresh(again.text("refresh_token")), "invalid_grant", 400)
}
