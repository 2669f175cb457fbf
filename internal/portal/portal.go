package portal

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/apps"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/passkey"
	"tributary/internal/program"
	"tributary/internal/records"
	"tributary/internal/session"
	"tributary/internal/signin"
)

// Config is what the portal works with. Mailbox is nil where mail is sent, and
// providers of sign-ins where there are none; all else must be set.
type Config struct {
	Accounts       *account.Service
	Consent        *consent.Service
	Program        *program.Service
	Records        *records.Service
	Connections    Connections
	Authorizations Authorizations
	Listings       *apps.Service
	Trail          Trail
	Sessions       *session.Sessions                               // of participants
	StaffSessions  *session.Sessions                               // with a cookie name of their own
	StaffProvider  *signin.Provider                                // nil: staff have passwords
	PersonProvider *signin.Provider                                // of participants; nil: none
	Passkeys       *passkey.Service                                // nil: the origin has none
	EndApps        func(ctx context.Context, account string) error // takes back all that apps were given
	Secure         bool                                            // the site is served over https
	Mailbox        Mailbox
	Logger         *slog.Logger
	Now            func() time.Time
	Rand           io.Reader
}

// Portal serves the pages.
type Portal struct {
	Config
	pages pages
}

// New returns a portal; the error is in its templates.
func New(c Config) (*Portal, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	pages, err := loadPages()
	return &Portal{Config: c, pages: pages}, err
}

// call is one request on its way through a handler.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	session session.Data // of the participant, or of staff behind the staff guards
	form    url.Values   // of a POST
}

func (c *call) ctx() context.Context     { return c.r.Context() }
func (c *call) path(name string) string  { return mux.Vars(c.r)[name] }
func (c *call) value(name string) string { return strings.TrimSpace(c.form.Get(name)) }
func (c *call) query(name string) string { return c.r.URL.Query().Get(name) }
func (c *call) goTo(path string) error {
	http.Redirect(c.w, c.r, path, http.StatusSeeOther)
	return nil
}
func (c *call) patient() string           { return c.session.Patient }
func (c *call) participant() access.Actor { return c.actor(access.Participant, "PATRQT") }
func (c *call) staff() access.Actor       { return c.actor(access.Role(c.session.Role), "HOPERAT") }

// actor is who asks, for the access decision and the audit.
func (c *call) actor(role access.Role, purpose string) access.Actor {
	address, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		address = c.r.RemoteAddr
	}
	return access.Actor{Role: role, ID: c.session.Account, Patient: c.session.Patient, Unscoped: true,
		Site: c.session.Values["site"], Purpose: purpose, Address: address}
}

// handler answers a request or returns why not; serve turns that into a page.
type handler func(c *call) error

// maxForm bounds what a form may send.
const maxForm = 256 << 10

// serve runs a guard, then the handler.
func (p *Portal) serve(g guard, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r}
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if err := r.ParseForm(); err != nil {
				p.fail(c, errs.Wrap(err, errs.Invalid, "the form could not be read"))
				return
			}
			c.form = r.PostForm
		}
		p.known(c)
		p.witness(c, func() {
			pass, err := g(p, c)
			if err == nil && pass {
				err = h(c)
			}
			if err != nil {
				p.fail(c, err)
			}
		})
	})
}

// fail shows an error as a page and logs what the visitor is not told.
func (p *Portal) fail(c *call, err error) {
	e := errs.Of(err)
	if e.Kind == errs.Internal || e.Kind == errs.Unavailable {
		p.Logger.Error("portal", "route", routeOf(c.r), "error", err)
	}
	p.showError(c, e)
}

// routeOf is the template of the path: the path itself may name somebody.
func routeOf(r *http.Request) string {
	route := mux.CurrentRoute(r)
	if route == nil {
		return ""
	}
	template, err := route.GetPathTemplate()
	if err != nil {
		return ""
	}
	return r.Method + " " + template
}

func (p *Portal) notFound(*call) error {
	return errs.New(errs.NotFound, "there is no such page")
}

// policy is the Content-Security-Policy. Pages with passkeys have scripted, which
// allows our own script in files. form-action is left open: a form may
// end at a provider's or an app's page by a redirect, which it would block.
const policy = "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

var scripted = strings.Replace(policy, "script-src 'none'", "script-src 'self'", 1)

// headers sets what holds for every answer.
func (p *Portal) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
