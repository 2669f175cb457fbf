package authserver

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
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
	Intent    string `json:"intent,omitempty"` // what the app is opened for, as agreed with it

	// By is the account that opens the app: nobody else may answer what it asks. ""
	// for whoever comes.
	By   string      `json:"by,omitempty"`
	Role access.Role `json:"role,omitempty"` // of that account; "" for a participant

	// FHIRContext are further resources that the app is opened about.
	FHIRContext []ContextItem `json:"fhirContext,omitempty"`
}

// ContextItem is a resource in context (SMART App Launch 2.2, section 3.0.5:
// fhirContext). One of Reference, Canonical and Identifier is needed.
type ContextItem struct {
	Reference  string      `json:"reference,omitempty"` // relative: ImagingStudy/123
	Canonical  string      `json:"canonical,omitempty"` // absolute
	Identifier *Identifier `json:"identifier,omitempty"`
	Type       string      `json:"type,omitempty"` // of the resource
	Role       string      `json:"role,omitempty"` // an absolute URI, or launch, the default
}

// Identifier is a FHIR Identifier.
type Identifier struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value"`
}

// openers are who can open an app. Staff of the study cannot: they work with lists of
// many people, none of whom is with them, and have no clinical task that an app serves.
var openers = map[access.Role]bool{"": true, access.Participant: true, access.Delegate: true, access.CenterStaff: true}

// NewLaunch returns the opaque launch parameter for the app's launch URL. It
// can be used once. errs.Invalid for a context that an app could not read,
// errs.Forbidden for who can open none.
func (s *Server) NewLaunch(ctx context.Context, l Launch) (string, error) {
	if !openers[l.Role] || l.Role == access.CenterStaff && (l.Patient == "" || l.By == "") {
		return "", errs.New(errs.Forbidden, "apps are opened by participants for themselves, and by staff of centers for somebody who is there")
	}
	for i, item := range l.FHIRContext {
		if err := item.check(); err != "" {
			return "", errs.New(errs.Invalid, "fhirContext[%d]: %s", i, err)
		}
	}
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

var relativeReference = regexp.MustCompile(`^([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(/_history/[A-Za-z0-9.-]{1,64})?$`)

// roleLaunch is the role of what has none (SMART App Launch 2.2, section 3.0.5).
const roleLaunch = "launch"

// check says what is wrong with an item; "" for nothing.
func (c ContextItem) check() string {
	typ := relativeReference.FindStringSubmatch(c.Reference)
	switch {
	case c.Reference == "" && c.Canonical == "" && c.Identifier == nil:
		return "a reference, a canonical or an identifier is needed"
	case c.Reference != "" && typ == nil:
		return "the reference must be relative, such as ImagingStudy/123"
	case c.Canonical != "" && !absolute(c.Canonical):
		return "the canonical must be an absolute URI"
	case c.Identifier != nil && c.Identifier.Value == "":
		return "the identifier needs a value"
	case c.Role != "" && c.Role != roleLaunch && !absolute(c.Role):
		return "a role other than launch must be an absolute URI"
	case (c.Role == "" || c.Role == roleLaunch) && (patientOrEncounter[c.Type] || typ != nil && patientOrEncounter[typ[1]]):
		return "a Patient or an Encounter is launched in patient or encounter"
	}
	return ""
}

var patientOrEncounter = map[string]bool{"Patient": true, "Encounter": true}

func absolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.IsAbs()
}

// takeLaunch puts the launch that the request names into it. The scope launch
// cannot do without the parameter (SMART App Launch 2.2, section 2.0.9).
func (s *Server) takeLaunch(ctx context.Context, token string, req *request) error {
	if token == "" {
		if slices.Contains(req.Scopes, scopeLaunch) {
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

// launchContext is what a grant keeps beside its patient.
type launchContext struct {
	Launch
	Standalone bool   `json:"standalone,omitempty"` // the app was not launched: only Encounter is set
	Session    string `json:"session,omitempty"`    // that online_access ends with
	Site       string `json:"site,omitempty"`       // of center staff
}

// contextOf is the launch context of an approval; "" for none.
func contextOf(req request, g Grant) (string, error) {
	c := launchContext{Standalone: req.Launch == nil, Session: g.Session, Site: g.Site}
	if req.Launch != nil {
		c.Launch = *req.Launch
	}
	if c.Encounter == "" && slices.Contains(g.Scopes, scopeEncounter) {
		c.Encounter = g.Encounter
	}
	if c.Standalone && c.Encounter == "" && c.Session == "" && c.Site == "" {
		return "", nil
	}
	text, err := json.Marshal(c)
	return string(text), err
}

// launchOf is the launch context of a grant, and whether the app was launched.
func launchOf(g store.OAuthGrant) (c launchContext, launched bool) {
	err := json.Unmarshal([]byte(g.Context), &c)
	return c, err == nil && !c.Standalone
}
