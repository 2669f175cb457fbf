package app

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

// guessable are the places where somebody without a session or a token may try
// codes and passwords, make accounts, send mail or leave state behind.
var guessable = map[string]bool{
	"/signup": true, "/signin": true, "/confirm": true, "/confirm/resend": true,
	"/second-factor": true, "/second-factor/enroll": true, "/center/signin": true, "/staff/signin": true,
	"/center/openid": true, "/staff/openid": true, "/signin/staff/backchannel": true,
	"/center/signin/passkey": true, "/center/signin/passkey/options": true, "/center/signin/factor": true, "/center/signin/factor/options": true, "/center/security/passkeys": true, "/center/security/passkeys/options": true, "/center/security/passkeys/remove": true,
	"/staff/signin/passkey": true, "/staff/signin/passkey/options": true, "/staff/signin/factor": true, "/staff/signin/factor/options": true, "/staff/security/passkeys": true, "/staff/security/passkeys/options": true, "/staff/security/passkeys/remove": true,
	"/signin/openid": true, "/signin/passkey": true, "/signin/passkey/options": true, "/second-factor/passkey": true, "/second-factor/passkey/options": true,
	"/auth/authorize": true, "/auth/token": true, "/auth/introspect": true, "/auth/revoke": true, "/auth/register": true,
}

// attempts bounds how often one network address may try. Each process counts
// for itself.
type attempts struct {
	perMinute int
	mu        sync.Mutex
	known     map[netip.Prefix]*rate.Limiter
}

// maxAddresses bounds what is remembered; beyond it all are forgotten, which
// gives everyone a fresh start and nobody the memory.
const maxAddresses = 1 << 16

// limited puts the bound before the handler; none if perMinute is 0, where a
// proxy in front does it, behind which all would have one address.
func limited(perMinute int, next http.Handler) http.Handler {
	if perMinute == 0 {
		return next
	}
	a := &attempts{perMinute: perMinute, known: map[netip.Prefix]*rate.Limiter{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if counted(r) && !a.of(network(r)).Allow() {
			w.Header().Set("Retry-After", "60")
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "Too many attempts from your network. Please wait a minute and try again.", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// counted: pages may be read at any rate; to ask for an authorization leaves a
// request behind even with GET.
func counted(r *http.Request) bool {
	return guessable[r.URL.Path] && (r.Method == http.MethodPost || strings.HasPrefix(r.URL.Path, "/auth/"))
}

func (a *attempts) of(from netip.Prefix) *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	l, ok := a.known[from]
	if !ok {
		if len(a.known) >= maxAddresses {
			clear(a.known)
		}
		l = rate.NewLimiter(rate.Limit(float64(a.perMinute)/60), a.perMinute)
		a.known[from] = l
	}
	return l
}

// network is where a request comes from: an IPv4 address, or the /64 that one
// subscriber has of IPv6.
func network(r *http.Request) netip.Prefix {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	prefix, _ := ip.Prefix(bits) // bits are in range
	return prefix
}
