package authserver

import (
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The endpoints, below the issuer.
const (
	pathAuthorize  = "/auth/authorize"
	pathToken      = "/auth/token"
	pathIntrospect = "/auth/introspect"
	pathRevoke     = "/auth/revoke"
	pathJWKS       = "/auth/jwks"
	pathUserinfo   = "/auth/userinfo"
)

// The limits of request bodies. Scope lists get long: SMART clients may send
// 32 KB of them to authorize.
const (
	maxAuthorizeBody = 256 << 10
	maxTokenBody     = 64 << 10
)

// protocol is what zitadel/oidc calls: each method of op.Server that is served.
type protocol struct {
	op.UnimplementedServer
	*Server
}

func (s *Server) routes() http.Handler {
	oauth := op.RegisterServer(protocol{Server: s}, op.Endpoints{
		Authorization: op.NewEndpoint(pathAuthorize),
		Token:         op.NewEndpoint(pathToken),
		Revocation:    op.NewEndpoint(pathRevoke),
		JwksURI:       op.NewEndpoint(pathJWKS),
	}, op.WithServerCORSOptions(nil))
	mux := http.NewServeMux()
	authorize := noStore(addressed(s.answers(singleValued(maxAuthorizeBody, oauth))))
	mux.Handle("GET "+pathAuthorize, authorize)
	mux.Handle("POST "+pathAuthorize, authorize)
	for path, endpoint := range map[string]http.Handler{
		pathToken: s.nameless(oauth), pathRevoke: oauth, pathIntrospect: http.HandlerFunc(s.introspect),
	} {
		mux.Handle(path, s.CORS(noStore(addressed(formOnly(singleValued(maxTokenBody, endpoint))))))
	}
	mux.Handle(pathUserinfo, s.CORS(http.HandlerFunc(s.userinfo)))
	mux.Handle("GET "+pathStyle, anyOrigin(s.style))
	if s.brands != nil {
		mux.Handle("GET "+pathBrands, serveBrands(s.brands, s.c.Brands.At))
	}
	if s.c.Registration.on() {
		s.registrationRoutes(mux)
	}
	mux.Handle("GET "+pathJWKS, anyOrigin(oauth))
	mux.Handle("GET "+oidc.DiscoveryEndpoint, anyOrigin(oauth))
	return mux
}

func (s *Server) registrationRoutes(mux *http.ServeMux) {
	for pattern, h := range map[string]http.Handler{
		"POST " + pathRegister:                 s.registration(http.StatusCreated, s.addClient),
		"GET " + pathRegister + "/{client}":    s.registration(http.StatusOK, s.readClient),
		"PUT " + pathRegister + "/{client}":    s.registration(http.StatusOK, s.setClient),
		"DELETE " + pathRegister + "/{client}": s.registration(http.StatusNoContent, s.endClient),
	} {
		mux.Handle(pattern, noStore(addressed(h)))
	}
}

// noStore keeps tokens and codes out of caches (RFC 6749, section 5.1) and,
// where Basic authentication failed, says so (section 5.2).
func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Pragma", "no-cache")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(&challenger{ResponseWriter: w, basic: strings.HasPrefix(r.Header.Get("Authorization"), "Basic ")}, r)
	})
}

type challenger struct {
	http.ResponseWriter
	basic bool
}

func (c *challenger) WriteHeader(status int) {
	if status == http.StatusUnauthorized && c.basic {
		c.Header().Set("WWW-Authenticate", `Basic realm="token"`)
	}
	c.ResponseWriter.WriteHeader(status)
}

// formOnly wants a POST, and refuses credentials in the URL, where logs would
// keep them (RFC 6749, sections 2.3.1 and 3.2).
func formOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		if r.URL.RawQuery != "" {
			op.WriteError(w, r, invalidRequest("parameters belong in the body"), nil)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// singleValued bounds the body and refuses repeated parameters (RFC 6749,
// section 3.1), which different readers would read differently.
func singleValued(limit int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if err := r.ParseForm(); err != nil {
			op.WriteError(w, r, invalidRequest("the form cannot be read"), nil)
			return
		}
		for _, values := range r.Form {
			if len(values) > 1 {
				op.WriteError(w, r, invalidRequest("a parameter is repeated"), nil)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// anyOrigin lets browser apps of any origin read a public document.
func anyOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		next.ServeHTTP(w, r)
	})
}
