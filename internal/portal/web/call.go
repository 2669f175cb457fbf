package web

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"tributary/internal/access"
	"tributary/internal/session"
)

// Call is one request on its way through a handler.
type Call struct {
	W       http.ResponseWriter
	R       *http.Request
	Session session.Data // of the participant, or of staff behind the staff guards
	Form    url.Values   // of a POST; nil otherwise
}

// Ctx is the request's context.
func (c *Call) Ctx() context.Context { return c.R.Context() }

// Path is a variable of the route.
func (c *Call) Path(name string) string { return mux.Vars(c.R)[name] }

// Value is a field of the form, trimmed.
func (c *Call) Value(name string) string { return strings.TrimSpace(c.Form.Get(name)) }

// Query is a parameter of the address.
func (c *Call) Query(name string) string { return c.R.URL.Query().Get(name) }

// GoTo sends the browser to a page: 303.
func (c *Call) GoTo(path string) error {
	http.Redirect(c.W, c.R, path, http.StatusSeeOther)
	return nil
}

// JSON answers with a value.
func (c *Call) JSON(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "application/json")
	_, _ = c.W.Write(body) // whoever asked has gone
	return nil
}

// Patient is the participant who is signed in; "" for staff and visitors.
func (c *Call) Patient() string { return c.Session.Patient }

// Participant is the participant as an actor, at their own request.
func (c *Call) Participant() access.Actor {
	if c.Acting() {
		return c.Actor(access.Delegate, "PATRQT")
	}
	return c.Actor(access.Participant, "PATRQT")
}

// Staff is the member of staff as an actor, in the study's operation.
func (c *Call) Staff() access.Actor { return c.Actor(access.Role(c.Session.Role), "HOPERAT") }

// Actor is who asks, for the access decision and the audit; the purpose is a v3
// PurposeOfUse code.
func (c *Call) Actor(role access.Role, purpose string) access.Actor {
	address, _, err := net.SplitHostPort(c.R.RemoteAddr)
	if err != nil {
		address = c.R.RemoteAddr
	}
	return access.Actor{Role: role, ID: c.Session.Account, Patient: c.Session.Patient, Unscoped: true,
		Site: c.Session.Values["site"], Purpose: purpose, Address: address}
}
