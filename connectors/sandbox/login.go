package sandbox

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed pages
var files embed.FS

var pages = template.Must(template.ParseFS(files, "pages/*.html"))

// page is what every page may show.
type page struct {
	Name, ID, User, Search, Error string
	Launch                        Launch
	Patients                      []Patient
}

func (s *server) render(w http.ResponseWriter, status int, name string, p page) {
	p.Name = s.Name
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, p); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(body.Bytes())
}

func style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "pages/style.css")
}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	s.render(w, http.StatusOK, "home.html", page{})
}

// login signs a person in. The sandbox takes any name and asks for no password.
func (s *server) login(w http.ResponseWriter, r *http.Request) {
	p := page{ID: r.FormValue("id"), User: strings.TrimSpace(r.FormValue("user"))}
	launch, err := s.Backend.Launch(r.Context(), p.ID)
	if err != nil {
		p.Error = "This request has ended or never was. Please begin again at the app."
		s.render(w, http.StatusBadRequest, "home.html", p)
		return
	}
	p.Launch = launch
	if r.Method == http.MethodGet {
		s.render(w, http.StatusOK, "login.html", p)
		return
	}
	if p.User == "" {
		p.Error = "Please give a user name; any will do."
		s.render(w, http.StatusUnprocessableEntity, "login.html", p)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "sandbox_user", Value: s.key.seal(p.User), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/pick?id="+url.QueryEscape(p.ID), http.StatusSeeOther)
}

// pick lets the person choose whose record the app gets, or refuse.
func (s *server) pick(w http.ResponseWriter, r *http.Request) {
	p := page{ID: r.FormValue("id"), Search: strings.TrimSpace(r.FormValue("q"))}
	cookie, err := r.Cookie("sandbox_user")
	if err != nil || s.key.unseal(cookie.Value) == "" {
		http.Redirect(w, r, "/login?id="+url.QueryEscape(p.ID), http.StatusSeeOther)
		return
	}
	p.User = s.key.unseal(cookie.Value)
	if p.Launch, err = s.Backend.Launch(r.Context(), p.ID); err != nil {
		p.Error = "This request has ended or never was. Please begin again at the app."
		s.render(w, http.StatusBadRequest, "home.html", p)
		return
	}
	if r.Method == http.MethodPost {
		s.decide(w, r, p)
		return
	}
	if p.Patients, err = s.Backend.Patients(r.Context(), p.Search); err != nil {
		p.Error = "The patients cannot be listed at the moment."
	}
	s.render(w, http.StatusOK, "pick.html", p)
}

func (s *server) decide(w http.ResponseWriter, r *http.Request, p page) {
	var target string
	var err error
	if patient := r.PostFormValue("patient"); patient != "" {
		target, err = s.Backend.Approve(r.Context(), p.ID, p.User, patient, p.Launch.Scopes)
	} else {
		target, err = s.Backend.Deny(r.Context(), p.ID)
	}
	if err != nil {
		p.Error = "That could not be done. Please begin again at the app."
		s.render(w, http.StatusBadRequest, "home.html", p)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
