package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"tributary/internal/errs"
	"tributary/internal/form"
)

//go:embed templates/*.html assets/*
var files embed.FS

// own is one of the folders of this package.
func own(folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic("web: " + err.Error()) // the name is a constant
	}
	return sub
}

// page is a template with the layout round it, and the texts of its room.
type page struct {
	*template.Template
	spanish map[string]string
}

// load parses the room's pages, each with the layout and the room's own parts.
func (s *Site) load(room Room) error {
	if room.Templates == nil {
		return nil
	}
	names, err := fs.Glob(room.Templates, "*.html")
	if err != nil {
		return err
	}
	frame, err := frameOf(room)
	faults := []error{err}
	for _, file := range names {
		name := strings.TrimSuffix(file, ".html")
		if err != nil || strings.HasPrefix(name, "_") {
			continue
		}
		if _, there := s.pages[name]; there {
			faults = append(faults, fmt.Errorf("web: room %s: there is a page %s already", room.Name, name))
		}
		t, err := within(frame, room, file)
		s.pages[name] = page{t, room.Spanish}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// frameOf parses what a room's pages share: the layout, and the parts of the room.
func frameOf(room Room) (*template.Template, error) {
	t, err := template.New("_layout.html").Funcs(functions).Funcs(room.Functions).ParseFS(own("templates"), "_*.html")
	if err != nil {
		return nil, err
	}
	if parts, err := fs.Glob(room.Templates, "_*.html"); err != nil || len(parts) == 0 {
		return t, err
	}
	return t.ParseFS(room.Templates, "_*.html")
}

// within parses a page into a frame of its own.
func within(frame *template.Template, room Room, file string) (*template.Template, error) {
	t, err := frame.Clone()
	if err != nil {
		return nil, err
	}
	return t.ParseFS(room.Templates, file)
}

var functions = template.FuncMap{
	"inc":   func(n int) int { return n + 1 },
	"field": newField,
}

// View is what a template gets.
type View struct {
	Name    string // of the page: its template, and main's data-page
	Title   string // in English
	Style   string // one more style sheet
	Script  string // a script of ours, on the pages that cannot do without
	Refresh int    // seconds after which the page asks again; 0: never
	Outside bool   // a page of staff who are not signed in: no participant's menu
	Form    map[string]string
	Data    any

	// Set by the site.

	Study   string
	Contact string
	Phone   string
	Nav     string // which menu: "", participant, staff, none
	Role    string // of staff
	Acting  string // the name of whom somebody acts for; "": for themselves
	Menu    []Place
	Lang    string // en, es
	Here    string // the page's address, where a language can be chosen
	Faults  form.Faults
	Now     time.Time

	room, spanish map[string]string // the texts of the page's room, and of all
}

// Place is an entry of the menu as shown.
type Place struct {
	Path, Text string
	Here       bool // this page is it
	Count      int  // of what waits there
}

// Value is what was typed in a field.
func (v View) Value(field string) string { return v.Form[field] }

// Fault is what is wrong with a field.
func (v View) Fault(field string) string { return v.Told(v.Faults.At(field)) }

// Show renders a page.
func (s *Site) Show(c *Call, v View) error { return s.Render(c, http.StatusOK, v) }

// Mend shows a form again with its faults, and what was typed: 422. Other errors
// are returned.
func (s *Site) Mend(c *Call, v View, err error) error {
	var faults form.Faults
	if !errors.As(err, &faults) {
		return err
	}
	v.Faults, v.Form = faults, map[string]string{}
	for name := range c.Form {
		v.Form[name] = c.Form.Get(name)
	}
	return s.Render(c, http.StatusUnprocessableEntity, v)
}

// Refused makes an error that a visitor can mend a fault of a field: a wrong
// code, a wrong password.
func Refused(err error, field string) error {
	if e := errs.Of(err); e.Kind == errs.Unauthorized || e.Kind == errs.TooMany || e.Kind == errs.Invalid {
		return form.Faults{{Field: field, Text: Sentence(e.Safe)}}
	}
	return err
}

// Sentence begins with a capital and ends with a full stop.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// Render answers with a page in the visitor's language.
func (s *Site) Render(c *Call, status int, v View) error {
	t, there := s.pages[v.Name]
	if !there {
		return fmt.Errorf("web: there is no page %s", v.Name)
	}
	v, err := s.frame(c, v)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return err
	}
	if v.Script != "" {
		c.W.Header().Set("Content-Security-Policy", scripted)
	}
	c.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.W.WriteHeader(status)
	_, _ = out.WriteTo(c.W) // whoever asked has gone
	return nil
}

// problem is what the error page tells.
type problem struct{ Heading, Text string }

var headings = map[errs.Kind]string{
	errs.NotFound: "This page is not here", errs.Forbidden: "This is not open", errs.Conflict: "That is not possible now",
	errs.TooMany: "Please wait a moment", errs.Unauthorized: "Please sign in again",
}

func (s *Site) showError(c *Call, e *errs.Error) {
	heading := headings[e.Kind]
	if heading == "" {
		heading = "Something went wrong"
	}
	err := s.Render(c, e.Kind.Status(), View{Name: "error", Title: heading, Data: problem{heading, Sentence(e.Safe)}})
	if err != nil {
		s.Logger.Error("portal: error page", "error", err)
		http.Error(c.W, "Something went wrong.", http.StatusInternalServerError)
	}
}
