package portal

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"tributary/internal/apps"
	"tributary/internal/errs"
	"tributary/internal/form"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets/*
var assetFiles embed.FS

// pages are the templates by name, each with the layout round it.
type pages map[string]*template.Template

func loadPages() (pages, error) {
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := pages{}
	var faults []error
	for _, file := range names {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "templates/"), ".html")
		if strings.HasPrefix(name, "_") {
			continue
		}
		t, err := template.New("_layout.html").Funcs(functions).ParseFS(templates, "templates/_*.html", file)
		p[name] = t
		faults = append(faults, err)
	}
	return p, errors.Join(faults...)
}

var functions = template.FuncMap{
	"day":   func(t time.Time) string { return t.Format("Monday, 2 January 2006") },
	"date":  func(t time.Time) string { return t.Format("2 January 2006") },
	"hour":  func(t time.Time) string { return t.Format("3:04 pm") },
	"inc":   func(n int) int { return n + 1 },
	"field": newField,

	"group": func(v view, a letIn) map[string]any { return map[string]any{"View": v, "App": a} },
	"cards": func(v view, all []card, action string) map[string]any {
		return map[string]any{"View": v, "Apps": all, "Action": action}
	},
	"titleOf": apps.TitleOf,

	"keyPath": keyPath,
}

// view is what a template gets.
type view struct {
	Name    string // of the page: main's data-page
	Title   string
	Study   string
	Contact string
	Phone   string
	Nav     string // which menu: "", participant, staff
	Role    string // of staff
	Style   string // one more style sheet
	Script  string // a script of ours, on the pages that cannot do without
	Refresh int    // seconds after which the page asks again; 0: never
	Lang    string // of a page that is in several; "": English
	Here    string // the page's address, where a language can be chosen
	Faults  form.Faults
	Form    map[string]string // what was typed, to be shown again
	Now     time.Time
	Data    any
}

// Value is what was typed in a field.
func (v view) Value(field string) string { return v.Form[field] }

// Fault is what is wrong with a field.
func (v view) Fault(field string) string { return v.Faults.At(field) }

// show renders a page.
func (p *Portal) show(c *call, v view) error { return p.render(c, http.StatusOK, v) }

// mend shows a form again with its faults, and what was typed: 422.
func (p *Portal) mend(c *call, v view, err error) error {
	var faults form.Faults
	if !errors.As(err, &faults) {
		return err
	}
	v.Faults, v.Form = faults, map[string]string{}
	for name := range c.form {
		v.Form[name] = c.form.Get(name)
	}
	return p.render(c, http.StatusUnprocessableEntity, v)
}

// refused makes an error that a visitor can mend a fault of a field: a wrong
// code, a wrong password.
func refused(err error, field string) error {
	if e := errs.Of(err); e.Kind == errs.Unauthorized || e.Kind == errs.TooMany || e.Kind == errs.Invalid {
		return form.Faults{{Field: field, Text: sentence(e.Safe)}}
	}
	return err
}

// sentence begins with a capital and ends with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

func (p *Portal) render(c *call, status int, v view) error {
	study := p.Program.Study
	v.Study, v.Contact, v.Phone, v.Now = study.Title.In(v.Lang), study.Contact.Email, study.Contact.Phone, p.Now()
	if v.Nav == "" {
		v.Nav = c.menu()
	}
	var out bytes.Buffer
	if err := p.pages[v.Name].Execute(&out, v); err != nil {
		return err
	}
	if v.Script != "" {
		c.w.Header().Set("Content-Security-Policy", scripted)
	}
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.w.WriteHeader(status)
	_, _ = out.WriteTo(c.w) // whoever asked has gone
	return nil
}

// menu is whose menu the visitor sees: none on the way in.
func (c *call) menu() string {
	switch {
	case c.session.Patient != "" && !c.session.SecondFactorAt.IsZero():
		return "participant"
	case c.session.Account != "" || c.session.Values[keyPending] != "":
		return "none"
	}
	return ""
}

// problem is what the error page tells.
type problem struct{ Heading, Text string }

var headings = map[errs.Kind]string{
	errs.NotFound: "This page is not here", errs.Forbidden: "This is not open", errs.Conflict: "That is not possible now",
	errs.TooMany: "Please wait a moment", errs.Unauthorized: "Please sign in again",
}

func (p *Portal) showError(c *call, e *errs.Error) {
	heading := headings[e.Kind]
	if heading == "" {
		heading = "Something went wrong"
	}
	err := p.render(c, e.Kind.Status(), view{Name: "error", Title: heading, Data: problem{heading, sentence(e.Safe)}})
	if err != nil {
		p.Logger.Error("portal: error page", "error", err)
		http.Error(c.w, "Something went wrong.", http.StatusInternalServerError)
	}
}

// assets serves style sheets and pictures; they may be kept for an hour. Their
// folder is not listed.
func (p *Portal) assets() http.Handler {
	files, missing := http.FileServerFS(assetFiles), p.serve(anybody, p.notFound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			missing.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=3600")
		files.ServeHTTP(w, r)
	})
}
