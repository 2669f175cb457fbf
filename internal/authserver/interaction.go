package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/store"
)

// RequestInfo is what a login page shows of an authorization request.
type RequestInfo struct {
	Client        string // id
	ClientName    string
	Scopes        []string // what can be approved
	Patient       string   // in context already, from an EHR launch
	LaunchPatient bool     // a Patient must be in context when it is approved
	Offline       bool     // the app will keep access when nobody is there
	Online        bool     // the app will keep access for as long as the person is signed in
	Encounter     string   // in context already, from an EHR launch
	PickEncounter bool     // the app asks for an Encounter in context; Grant.Encounter may name another than the latest

	Since       time.Time // when the app asked
	LoginHint   string    // whom the app thinks to be there; "" for no idea
	SignInSince time.Time // the person must have signed in then or later; zero for any time
	Consent     bool      // the app wants the person to be asked, although they were before

	By      string      // the account that opened the app, which alone may answer; "" for whoever comes
	Role    access.Role // of that account
	Host    string      // where the answer goes: the redirect URI's
	Assured bool        // nobody but the client can use the answer: it may be given without asking (RFC 8252, section 8.6)
}

// Grant is a person's approval.
type Grant struct {
	Subject  string      // account, at most 255 characters
	Patient  string      // Patient id in context; required where LaunchPatient, unless no patient scope is approved; for whom a delegate acts
	FHIRUser string      // who signed in, such as Patient/123; claimed where openid and fhirUser are approved
	Scopes   []string    // approved: requested ones, or narrower
	Role     access.Role // what the person is

	Site      string    // of center staff
	Encounter string    // Encounter id in context, where the app asks for one and there is one
	AuthTime  time.Time // when the person signed in; zero for now
	Session   string    // of the person, as Config.SessionLives knows it; "" for none: then without online_access
}

// Request implements Interactions.
func (s *Server) Request(ctx context.Context, id string) (RequestInfo, error) {
	req, c, err := s.waiting(ctx, id)
	if err != nil {
		return RequestInfo{}, err
	}
	info := RequestInfo{
		Client: c.ID, ClientName: c.Name, Scopes: req.Scopes,
		LaunchPatient: needsPatient(req.Scopes), Offline: slices.Contains(req.Scopes, scopeOffline),
		Online: slices.Contains(req.Scopes, scopeOnline), PickEncounter: slices.Contains(req.Scopes, scopeEncounter),
		Since: req.Asked, LoginHint: req.LoginHint, SignInSince: req.signInSince(), Consent: req.asks(oidc.PromptConsent),
	}
	if req.Launch != nil {
		info.Patient, info.Encounter = req.Launch.Patient, req.Launch.Encounter
		info.PickEncounter = info.PickEncounter && info.Encounter == ""
		info.By, info.Role = req.Launch.By, req.Launch.Role
	}
	if info.Role == access.CenterStaff {
		info.Scopes, info.Offline = without(info.Scopes, scopeOffline), false
	}
	info.Host, info.Assured = s.answered(c, req)
	return info, nil
}

// answered is where an answer goes, and whether it is the client's alone there: it
// has credentials of its own, or a redirect URI that no other program can take, as
// it could one of this machine.
func (s *Server) answered(c client, req request) (host string, assured bool) {
	u, err := url.Parse(req.RedirectURI)
	if err != nil {
		return "", false
	}
	own := strings.HasPrefix(req.RedirectURI, s.c.Issuer+"/")
	return u.Host, own || u.Scheme == "https" || c.asymmetric() || c.SecretHash != ""
}

// Complete implements Interactions.
func (s *Server) Complete(ctx context.Context, id string, g Grant) (string, error) {
	req, _, err := s.waiting(ctx, id)
	if err != nil {
		return "", err
	}
	if g.Session == "" { // nothing that it could end with
		g.Scopes = without(g.Scopes, scopeOnline)
	}
	if g.Role == access.CenterStaff { // whose apps end when they go
		g.Scopes = without(g.Scopes, scopeOffline)
	}
	if err := g.check(req); err != nil {
		return "", err
	}
	if len(s.grantable(codeFlow, g.Scopes, strings.Join(req.Scopes, " "))) < len(g.Scopes) {
		return "", errs.New(errs.Invalid, "a granular scope that is not supported, or one twice")
	}
	if err := s.actsFor(ctx, g); err != nil {
		return "", err
	}
	if err := s.pickEncounter(ctx, req, &g); err != nil {
		return "", err
	}
	if err := s.answer(ctx, id); err != nil {
		return "", err
	}
	code, err := s.issueCode(ctx, req, g)
	if err != nil {
		return "", err
	}
	return s.back(req, url.Values{"code": {code}})
}

func without(scopes []string, word string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(w string) bool { return w == word })
}

// pickEncounter puts an Encounter in context where one is asked for and none was
// chosen.
func (s *Server) pickEncounter(ctx context.Context, req request, g *Grant) (err error) {
	asked := slices.Contains(g.Scopes, scopeEncounter) && g.Encounter == "" && g.Patient != ""
	if !asked || s.c.PickEncounter == nil || req.Launch != nil && req.Launch.Encounter != "" {
		return nil
	}
	g.Encounter, err = s.c.PickEncounter(ctx, g.Patient)
	return err
}

// Deny implements Interactions.
func (s *Server) Deny(ctx context.Context, id string) (string, error) {
	req, _, err := s.waiting(ctx, id)
	if err != nil {
		return "", err
	}
	if err := s.answer(ctx, id); err != nil {
		return "", err
	}
	if err := s.record(ctx, s.c.Store, declined(req)); err != nil {
		return "", err
	}
	return s.back(req, url.Values{"error": {"access_denied"}, "error_description": {"the request was declined"}})
}

// check holds an approval to its request. A launch's Patient cannot be changed.
func (g Grant) check(req request) error {
	switch {
	case g.Subject == "" || len(g.Subject) > 255 || g.Role == "":
		return errs.New(errs.Internal, "an approval needs its subject and role")
	case len(g.Scopes) == 0 || !codeFlow.within(g.Scopes, strings.Join(req.Scopes, " ")):
		return errs.New(errs.Invalid, "only what was requested can be approved")
	case needsPatient(g.Scopes) && g.Patient == "":
		return errs.New(errs.Invalid, "a patient must be chosen")
	case g.AuthTime.IsZero() && !req.signInSince().IsZero(), g.AuthTime.Before(req.signInSince()):
		return errs.New(errs.Conflict, "the app asks you to sign in again first")
	case req.Launch != nil && req.Launch.Patient != "" && req.Launch.Patient != g.Patient:
		return errs.New(errs.Conflict, "the app was opened for another patient")
	case req.Launch != nil && req.Launch.By != "" && req.Launch.By != g.Subject:
		return errs.New(errs.Conflict, "the app was opened by somebody else")
	}
	return nil
}

func (s *Server) waiting(ctx context.Context, id string) (request, client, error) {
	value, found, err := s.c.Sessions.Get(ctx, session.Key("authorize", id))
	if err != nil {
		return request{}, client{}, err
	}
	var req request
	if !found || json.Unmarshal(value, &req) != nil {
		return request{}, client{}, errRequestOver()
	}
	c, err := s.client(ctx, req.Client)
	if errors.Is(err, errUnknownClient) {
		err = errRequestOver()
	}
	return req, c, err
}

// answer ends the request; of several answers one counts.
func (s *Server) answer(ctx context.Context, id string) error {
	_, found, err := s.c.Sessions.Take(ctx, session.Key("authorize", id))
	if err == nil && !found {
		return errRequestOver()
	}
	return err
}

func errRequestOver() error {
	return errs.New(errs.NotFound, "this request has been answered already or is too old; start again from the app")
}

// issueCode records the grant and returns a code for it. The code's hash is
// remembered for longer than the code lives, to notice a replay.
func (s *Server) issueCode(ctx context.Context, req request, g Grant) (string, error) {
	code, err := session.NewToken(s.c.Rand)
	if err != nil {
		return "", err
	}
	launch, err := contextOf(req, g)
	if err != nil {
		return "", err
	}
	grant, err := s.newGrant(store.OAuthGrant{
		Client: req.Client, Subject: g.Subject, Role: string(g.Role), Patient: g.Patient,
		FHIRUser: g.FHIRUser, Scopes: strings.Join(g.Scopes, " "), Nonce: req.Nonce,
		Context: launch, AuthTime: g.AuthTime,
	})
	if err != nil {
		return "", err
	}
	value, err := json.Marshal(issuedCode{Grant: grant.ID, Client: req.Client, RedirectURI: req.RedirectURI,
		Challenge: req.Challenge})
	if err != nil {
		return "", err
	}
	if err := s.addGrant(ctx, grant); err != nil {
		return "", err
	}
	if err := s.c.Sessions.Put(ctx, session.Key("spent", code), []byte(grant.ID), spentCodeTTL); err != nil {
		return "", err
	}
	return code, s.c.Sessions.Put(ctx, session.Key("code", code), value, codeTTL)
}

func (s *Server) addGrant(ctx context.Context, g store.OAuthGrant) error {
	return s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.tables.AddGrant(ctx, tx, g); err != nil {
			return err
		}
		return s.record(ctx, tx, authorized(g))
	})
}

// newGrant gives a grant its id and times.
func (s *Server) newGrant(g store.OAuthGrant) (store.OAuthGrant, error) {
	id, err := session.NewToken(s.c.Rand)
	g.ID, g.CreatedAt = id, s.now()
	if g.AuthTime.IsZero() {
		g.AuthTime = g.CreatedAt
	}
	return g, err
}

// back is the redirect URI with parameters, the state and who answers (RFC
// 9207, section 2) added to its own.
func (s *Server) back(req request, parameters url.Values) (string, error) {
	u, err := url.Parse(req.RedirectURI)
	if err != nil {
		return "", err
	}
	parameters.Set("state", req.State)
	parameters.Set("iss", s.c.Issuer)
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += parameters.Encode()
	return u.String(), nil
}
