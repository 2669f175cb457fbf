package authserver

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"tributary/internal/store"
)

// originsMaxAge is how long a newly registered browser app may have to wait.
const originsMaxAge = 10 * time.Second

// origins are those of the registered apps' redirect URIs.
type origins struct {
	mu     sync.Mutex
	loaded time.Time
	known  map[string]bool
}

// corsHeaders let a browser app send what FHIR and OAuth need and read what
// they answer.
var corsHeaders = map[string]string{
	"Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
	"Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since",
	"Access-Control-Max-Age":       "600",
}

const exposedHeaders = "Location, Content-Location, ETag, Last-Modified, Link, Retry-After, X-Progress, WWW-Authenticate"

// CORS lets browser apps on the origins of registered redirect URIs read the
// answers of next, errors too, and answers their preflights (SMART App Launch
// 2.2, section 2.0.3). No cookie is let through: the API knows tokens only.
func (s *Server) CORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if origin == "" || !s.registeredOrigin(r.Context(), origin) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", exposedHeaders)
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		for name, value := range corsHeaders {
			w.Header().Set(name, value)
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// registeredOrigin fails closed: without the list no origin is let in.
func (s *Server) registeredOrigin(ctx context.Context, origin string) bool {
	s.origins.mu.Lock()
	defer s.origins.mu.Unlock()
	if now := s.now(); s.origins.known == nil || now.Sub(s.origins.loaded) >= originsMaxAge {
		clients, err := s.tables.Clients(ctx, s.c.Store)
		if err != nil {
			s.c.Log.ErrorContext(ctx, "origins of registered apps cannot be read", "error", err)
			return false
		}
		s.origins.known, s.origins.loaded = originsOf(clients), now
	}
	return s.origins.known[origin]
}

func originsOf(clients []store.Client) map[string]bool {
	known := map[string]bool{}
	for _, c := range clients {
		for _, uri := range c.RedirectURIs {
			if u, err := url.Parse(uri); err == nil && !c.Disabled {
				known[u.Scheme+"://"+u.Host] = true
			}
		}
	}
	return known
}
