package authserver

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed refused.css
var refusedStyle string

//go:embed refused.tmpl
var refusedText string

var refusedPage = template.Must(template.New("refused").Parse(refusedText))

// refusedPolicy lets the page have its own style and nothing else.
var refusedPolicy = func() string {
	sum := sha256.Sum256([]byte(refusedStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// answers finishes the answers of the authorize endpoint: a refusal that must
// not be redirected is a page for whoever sits at the browser, and one that is
// redirected says who answers (RFC 9207, section 2).
func (s *Server) answers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := &heldAnswer{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(held, r)
		switch {
		case held.status == http.StatusFound:
			w.Header().Set("Location", s.named(w.Header().Get("Location"), r.Form.Get("redirect_uri")))
		case held.status >= http.StatusBadRequest && strings.Contains(r.Header.Get("Accept"), "text/html"):
			held.body = *s.page(w, held.body.Bytes())
		}
		w.WriteHeader(held.status)
		_, _ = w.Write(held.body.Bytes()) // whoever asked has gone
	})
}

// heldAnswer is an answer before it is sent.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heldAnswer) Header() http.Header         { return h.header }
func (h *heldAnswer) WriteHeader(status int)      { h.status = status }
func (h *heldAnswer) Write(b []byte) (int, error) { return h.body.Write(b) }

// named adds the issuer to an answer that goes to the app; the way to our own
// login page stays as it is.
func (s *Server) named(location, redirectURI string) string {
	to, err := url.Parse(location)
	app, appErr := url.Parse(redirectURI)
	if err != nil || appErr != nil || to.Scheme != app.Scheme || to.Host != app.Host || to.Path != app.Path {
		return location
	}
	to.RawQuery += "&iss=" + url.QueryEscape(s.c.Issuer)
	return to.String()
}

func (s *Server) page(w http.ResponseWriter, refusal []byte) *bytes.Buffer {
	var said struct {
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(refusal, &said) // a page without a reason is a page still
	body := new(bytes.Buffer)
	err := refusedPage.Execute(body, struct {
		Name, Reason string
		Style        template.CSS
	}{s.c.Name, said.Description, template.CSS(refusedStyle)})
	if err != nil {
		s.c.Log.Error("authorize: page", "error", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", refusedPolicy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("X-Frame-Options", "DENY")
	return body
}
