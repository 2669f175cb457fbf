package authserver

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tributary/internal/session"
	"tributary/internal/store"
)

// launchTTL is how long an app may take from being launched to asking for
// authorization.
const launchTTL = 5 * time.Minute

// Launch is the context in which an EHR opens an app (SMART App Launch 2.2,
// section 2.0.7).
type Launch struct {
	Client    string `json:"client"` // the app that is launched; no other may use it
	Patient   string `json:"patient,omitempty"`
	Encounter string `json:"encounter,omitempty"`
	HasBanner bool   `json:"banner,omitempty"` // the EHR shows who the patient is, around the app
}

// NewLaunch returns the opaque launch parameter for the app's launch URL. It
// can be used once.
func (s *Server) NewLaunch(ctx context.Context, l Launch) (string, error) {
	token, err := session.NewToken(s.c.Rand)
	if err != nil {
		return "", err
	}
	value, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	return token, s.c.Sessions.Put(ctx, session.Key("launch", token), value, launchTTL)
}

// takeLaunch puts the launch that the request names into it. The launch scope
// and the parameter need each other (SMART checklist 2.9).
func (s *Server) takeLaunch(ctx context.Context, token string, req *request) error {
	if token == "" {
		if slices.Contains(req.Scopes, "launch") {
			return invalidRequest("the scope launch needs a launch parameter")
		}
		return nil
	}
	value, found, err := s.c.Sessions.Take(ctx, session.Key("launch", token))
	if err != nil {
		return internal(err)
	}
	var l Launch
	if !found || json.Unmarshal(value, &l) != nil || l.Client != req.Client {
		return invalidRequest("the launch is unknown, used or too old")
	}
	req.Launch = &l
	return nil
}

// context is what a grant keeps of its launch.
func (l *Launch) context() string {
	if l == nil {
		return ""
	}
	text, err := json.Marshal(l)
	if err != nil { // strings and a bool: cannot be
		return ""
	}
	return string(text)
}

// launchOf is the launch that a grant came from.
func launchOf(g store.OAuthGrant) (l Launch, launched bool) {
	launched = json.Unmarshal([]byte(g.Context), &l) == nil
	return l, launched
}
