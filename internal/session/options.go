package session

import (
	"cmp"
	"crypto/rand"
	"io"
	"time"
)

// Data is what a browser session knows.
type Data struct {
	Account        string            `json:"account,omitempty"`
	Patient        string            `json:"patient,omitempty"`     // Patient id of a participant
	Role           string            `json:"role,omitempty"`        // as in access.Role
	SecondFactorAt time.Time         `json:"secondFactor,omitzero"` // when it was last given
	CreatedAt      time.Time         `json:"created"`               // starts the absolute timeout
	Values         map[string]string `json:"values,omitempty"`      // small things of one page flow
	Generation     string            `json:"generation,omitempty"`  // the account's, when the session began
	Device         string            `json:"device,omitempty"`      // in words, for the list of sessions
	Origin         string            `json:"origin,omitempty"`      // the session at a provider that this one hangs on
	ID             string            `json:"id,omitempty"`          // names it in the list of the account's sessions
	Slot           int               `json:"slot,omitempty"`        // its place there
}

// Options shape the sessions of one site; zero values are usable.
type Options struct {
	Name     string        // of the cookie, "tributary" by default; sites on one host need different ones, as cookies ignore ports
	Secure   bool          // the site is served over https
	Idle     time.Duration // ends after so long without a request; 30 minutes by default
	Absolute time.Duration // ends after so long in any case; 12 hours by default
	Now      func() time.Time
	Rand     io.Reader
}

// Sessions are the browser sessions of one site.
type Sessions struct {
	store Store
	o     Options
	used  uses
}

// NewSessions returns the sessions kept in store.
func NewSessions(store Store, o Options) *Sessions {
	o.Name = cmp.Or(o.Name, "tributary")
	o.Idle = cmp.Or(o.Idle, 30*time.Minute)
	o.Absolute = cmp.Or(o.Absolute, 12*time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Secure {
		o.Name = "__Host-" + o.Name
	}
	return &Sessions{store: store, o: o}
}
