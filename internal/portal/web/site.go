package web

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	study "tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/errs"
	"tributary/internal/session"
)

// Config is what every page works with. Trail may be nil: nothing is put on record.
type Config struct {
	Study         *study.Study
	People        People
	Sessions      *session.Sessions // of participants
	StaffSessions *session.Sessions // with a cookie name of their own
	Trail         Trail
	// Acts reports whether an account may act for a participant now; nil: nobody may.
	Acts func(ctx context.Context, account, patient string) (bool, error)
	// Ended reports whether nobody signs in as a participant any more, who has died or
	// was erased; nil: there is no such one.
	Ended  func(ctx context.Context, patient string) (bool, error)
	Secure bool // the site is served over https
	Logger *slog.Logger
	Now    func() time.Time
	Rand   io.Reader
}

// People knows participants by the ids of their Patients.
type People interface {
	Person(ctx context.Context, patient string) (account.Person, error)
}

// Trail puts on record who came in and whom staff were told of.
type Trail interface {
	// Signed puts on record that somebody came in or left, or tried to.
	Signed(ctx context.Context, who access.Actor, out, refused bool) error
	// Shown puts on record that a member of staff was shown who these participants are.
	Shown(ctx context.Context, staff access.Actor, patients ...string) error
}

// Site is the machinery of the pages.
type Site struct {
	Config
	pages   map[string]page
	spanish map[string]string
	menus   map[string][]Entry
}

// New returns a site without rooms.
func New(c Config) *Site {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Site{Config: c, pages: map[string]page{}, spanish: maps.Clone(layoutInSpanish), menus: map[string][]Entry{}}
}

// Handler furnishes the site with its rooms and serves it. The error is in the rooms:
// a template that does not parse, a page that two rooms have.
func (s *Site) Handler(rooms ...Room) (http.Handler, error) {
	r := mux.NewRouter()
	faults := []error{s.furnish(Layout())}
	for _, room := range rooms {
		faults = append(faults, s.furnish(room))
		for _, e := range room.Routes {
			r.Handle(e.Path, s.taking(e.Upload, e.Guard, e.Handle)).Methods(e.Method)
		}
		if room.Assets != nil {
			prefix := "/assets/" + room.Name + "/"
			r.PathPrefix(prefix).Handler(s.assets(prefix, room.Assets)).Methods(http.MethodGet)
		}
	}
	r.HandleFunc("/language", s.serve(s.Anybody, s.chooseLanguage).ServeHTTP).Methods(http.MethodPost)
	r.PathPrefix("/assets/").Handler(s.assets("/assets/", own("assets"))).Methods(http.MethodGet)
	r.NotFoundHandler = s.serve(s.Anybody, NotFound)
	return http.NewCrossOriginProtection().Handler(headers(r)), errors.Join(faults...)
}

// furnish takes over a room's pages, texts and places in the menus.
func (s *Site) furnish(room Room) error {
	faults := []error{s.load(room)}
	for english, spanish := range room.Spanish {
		if _, there := s.spanish[english]; !there {
			s.spanish[english] = spanish
		}
	}
	for _, e := range room.Menu {
		s.menus[e.Menu] = append(s.menus[e.Menu], e)
		slices.SortStableFunc(s.menus[e.Menu], func(a, b Entry) int { return a.Order - b.Order })
	}
	return errors.Join(faults...)
}

// maxForm bounds what a form may send.
const maxForm = 256 << 10

// serve runs a guard, then the handler.
func (s *Site) serve(g Guard, h Handler) http.Handler { return s.taking(0, g, h) }

// taking is serve, for a form that may bring files.
func (s *Site) taking(upload int64, g Guard, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &Call{W: w, R: r}
		if err := c.read(upload); err != nil {
			s.fail(c, err)
			return
		}
		s.known(c)
		s.witness(c, func() {
			pass, err := g(c)
			if err == nil && pass {
				err = h(c)
			}
			if err != nil {
				s.fail(c, err)
			}
		})
	})
}

// read takes the form of a POST in. Files stay in memory: they may be a person's.
func (c *Call) read(upload int64) error {
	if c.R.Method != http.MethodPost {
		return nil
	}
	files := upload > 0 && strings.HasPrefix(c.R.Header.Get("Content-Type"), "multipart/form-data")
	most := int64(maxForm)
	if files {
		most = upload
	}
	c.R.Body = http.MaxBytesReader(c.W, c.R.Body, most)
	err := c.R.ParseForm()
	if files && err == nil {
		err = c.R.ParseMultipartForm(upload)
	}
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "the form could not be read, or is too large")
	}
	c.Form = c.R.PostForm
	return nil
}

// fail shows an error as a page and logs what the visitor is not told.
func (s *Site) fail(c *Call, err error) {
	e := errs.Of(err)
	if e.Kind == errs.Internal || e.Kind == errs.Unavailable {
		s.Logger.Error("portal", "route", routeOf(c.R), "error", err)
	}
	s.showError(c, e)
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

// NotFound answers that there is no such page.
func NotFound(*Call) error { return errs.New(errs.NotFound, "there is no such page") }

// policy is the Content-Security-Policy. Pages with a script have scripted, which
// allows our own script in files. form-action is left open: a form may
// end at a provider's or an app's page by a redirect, which it would block.
const policy = "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

var scripted = strings.Replace(policy, "script-src 'none'", "script-src 'self'", 1)

// headers sets what holds for every answer.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// assets serves style sheets, scripts and pictures; they may be kept for an hour.
// Folders are not listed.
func (s *Site) assets(prefix string, from fs.FS) http.Handler {
	files, missing := http.StripPrefix(prefix, http.FileServerFS(from)), s.serve(s.Anybody, NotFound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			missing.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=3600")
		files.ServeHTTP(w, r)
	})
}
