package staff

import (
	"context"
	"time"
	"unicode/utf8"

	"tributary/internal/access"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// Holdings are the connections with providers that staff have to look at, and what
// providers sent that could not be stored.
type Holdings interface {
	// Held lists the connections that wait for a decision, oldest first; those that have
	// ended meanwhile are among them, those of people who have left are not. That staff
	// see them is audited.
	Held(ctx context.Context, staff access.Actor) ([]Held, error)
	// Accepted lists those that staff accepted, the newest first; audited.
	Accepted(ctx context.Context, staff access.Actor) ([]Held, error)
	// Decide takes that decision. The reason is kept with it.
	Decide(ctx context.Context, staff access.Actor, connection string, accept bool, reason string) error
	// TakeBack undoes an acceptance: what came is taken from the account, and the
	// connection waits for a decision again.
	TakeBack(ctx context.Context, staff access.Actor, connection, reason string) error
	// Quarantine lists what providers sent and could not be stored, the newest
	// first, without the bytes; audited.
	Quarantine(ctx context.Context, staff access.Actor) ([]Aside, error)
	// SetAside is one of these with the provider's bytes; audited.
	SetAside(ctx context.Context, staff access.Actor, id string) (Aside, error)
}

// Held is a connection that was held back, with what staff decide on.
type Held struct {
	ID, Patient, Name, Place string
	State                    string        // held; anything else: it has ended meanwhile
	Reason                   string        // of its end: a code
	Cause                    string        // why it was held: a code
	Ours                     Demographics  // as the participant told us
	Theirs                   *Demographics // as the provider says; nil when that is not known
	Other                    *Claimant     // another account that has claimed the record
	DecidedBy, Verdict       string        // of an accepted one: by whom, and the reason
	Decided                  time.Time
}

// Demographics are what a person is compared by.
type Demographics struct{ BirthDate, Sex string }

// Claimant is the account that a provider's record belongs to so far.
type Claimant struct {
	Patient string
	Demographics
}

// Aside is a resource of a provider's that could not be stored.
type Aside struct {
	ID, Patient, Provider, Type, ProviderID, Reason string
	Received                                        time.Time
	Body                                            []byte // the provider's bytes; nil in lists
}

// heldPage is what waits, and what was accepted and can be taken back.
type heldPage struct{ Waiting, Accepted []Held }

func (p *Pages) heldView(c *web.Call) (web.View, error) {
	waiting, err := p.Holdings.Held(c.Ctx(), c.Staff())
	if err != nil {
		return web.View{}, err
	}
	accepted, err := p.Holdings.Accepted(c.Ctx(), c.Staff())
	return page("held", "Connections held back", heldPage{waiting, accepted}), err
}

func (p *Pages) held(c *web.Call) error {
	v, err := p.heldView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// longestReason bounds what staff write of a decision, in characters.
const longestReason = 500

// verdicts are what staff can decide about a connection.
var verdicts = map[string]func(p *Pages, c *web.Call, reason string) error{
	"accept": func(p *Pages, c *web.Call, reason string) error {
		return p.Holdings.Decide(c.Ctx(), c.Staff(), c.Path("id"), true, reason)
	},
	"refuse": func(p *Pages, c *web.Call, reason string) error {
		return p.Holdings.Decide(c.Ctx(), c.Staff(), c.Path("id"), false, reason)
	},
	"take-back": func(p *Pages, c *web.Call, reason string) error {
		return p.Holdings.TakeBack(c.Ctx(), c.Staff(), c.Path("id"), reason)
	},
}

func (p *Pages) decideHeld(c *web.Call) error {
	decide, reason := verdicts[c.Value("decision")], c.Value("reason")
	fault := ""
	switch {
	case decide == nil || reason == "":
		fault = "Choose a decision, and write the reason."
	case utf8.RuneCountInString(reason) > longestReason:
		fault = "Write the reason in 500 characters at most."
	default:
		if err := decide(p, c, reason); err != nil {
			return err
		}
		return c.GoTo("/staff/held")
	}
	v, err := p.heldView(c)
	if err != nil {
		return err
	}
	return p.Mend(c, v, form.Faults{{Field: "reason-" + c.Path("id"), Text: fault}})
}

// quarantine lists what could not be stored.
func (p *Pages) quarantine(c *web.Call) error {
	all, err := p.Holdings.Quarantine(c.Ctx(), c.Staff())
	if err != nil {
		return err
	}
	return p.Show(c, page("quarantine", "Quarantine", all))
}

// setAside answers the bytes that a provider sent, as they came: plain text,
// whatever they are.
func (p *Pages) setAside(c *web.Call) error {
	a, err := p.Holdings.SetAside(c.Ctx(), c.Staff(), c.Path("id"))
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = c.W.Write(a.Body) // whoever asked has gone
	return nil
}
