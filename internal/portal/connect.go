package portal

import (
	"encoding/json"
	"net/http"
	"slices"

	"tributary/internal/consent"
	"tributary/internal/errs"
)

type providersPage struct {
	Providers []Provider
	Connected map[string]bool
	Consent   consent.Permissions
}

func (p *Portal) providers(c *call) error {
	d := providersPage{Connected: map[string]bool{}}
	var err error
	if d.Consent, err = p.Consent.Current(c.ctx(), c.patient()); err != nil {
		return err
	}
	if d.Providers, err = p.Connections.Providers(c.ctx()); err != nil {
		return err
	}
	connections, err := p.Connections.Status(c.ctx(), c.patient())
	if err != nil {
		return err
	}
	for _, one := range connections {
		d.Connected[one.Provider] = d.Connected[one.Provider] || one.State != "stopped"
	}
	return p.show(c, view{Name: "providers", Title: "Connect a care provider", Data: d})
}

// connect begins at the provider. The consent is asked for here as well as at
// every step of the pull.
func (p *Portal) connect(c *call) error {
	now, err := p.Consent.Current(c.ctx(), c.patient())
	if err != nil {
		return err
	}
	if !now.EHR {
		return errs.New(errs.Forbidden, "connecting a provider is for participants who share their health records")
	}
	target, err := p.Connections.Start(c.ctx(), c.session.Account, c.patient(), c.path("id"))
	if err != nil {
		return err
	}
	return c.goTo(target)
}

// callback is where the provider sends the browser back to.
func (p *Portal) callback(c *call) error {
	err := p.Connections.Callback(c.ctx(), c.session.Account, c.patient(), c.r.URL.Query())
	if err == nil {
		return c.goTo("/connections")
	}
	e := errs.Of(err)
	if e.Kind == errs.Internal {
		return err
	}
	p.Logger.Warn("portal: connecting a provider", "error", err)
	return p.render(c, e.Kind.Status(), view{Name: "connect-failed", Title: "The connection did not work", Data: sentence(e.Safe)})
}

// refreshEvery is how often the progress page asks again, in seconds.
const refreshEvery = 3

// connectionsPage shows how far the records have come. Still is for whom a page
// that changes by itself disturbs (WCAG 2.2.2, 2.2.4): it does not.
type connectionsPage struct {
	Connections   []Connection
	Moving, Still bool
}

func (p *Portal) connections(c *call) error {
	connections, err := p.Connections.Status(c.ctx(), c.patient())
	if err != nil {
		return err
	}
	d := connectionsPage{Connections: connections, Moving: slices.ContainsFunc(connections, Connection.Moving)}
	v := view{Name: "connections", Title: "Your connections"}
	if d.Still = c.query("still") == "1"; d.Moving && !d.Still {
		v.Refresh = refreshEvery
	}
	v.Data = d
	return p.show(c, v)
}

// Moving reports whether the connection's page will change by itself.
func (n Connection) Moving() bool { return n.State == "waiting" || n.State == "running" }

// Stored is how many resources came.
func (n Connection) Stored() (sum int64) {
	for _, t := range n.Types {
		sum += t.Stored
	}
	return sum
}

// Ended is how many types are through, one way or the other.
func (n Connection) Ended() (ended int) {
	for _, t := range n.Types {
		if t.State != "pending" {
			ended++
		}
	}
	return ended
}

// Telling are the types that there is something to say of.
func (n Connection) Telling() (out []TypeCount) {
	for _, t := range n.Types {
		if t.tells() {
			out = append(out, t)
		}
	}
	return out
}

func (t TypeCount) tells() bool { return t.Stored > 0 || t.Quarantined > 0 || t.State == "failed" }

// Empty is how many types were asked for and hold nothing, Awaited how many have
// yet to be asked for.
func (n Connection) Empty() int   { return n.silent(false) }
func (n Connection) Awaited() int { return n.silent(true) }

func (n Connection) silent(awaited bool) (count int) {
	for _, t := range n.Types {
		if !t.tells() && (t.State == "pending") == awaited {
			count++
		}
	}
	return count
}

// connectionsJSON is the same for programs.
func (p *Portal) connectionsJSON(c *call) error {
	connections, err := p.Connections.Status(c.ctx(), c.patient())
	if err != nil {
		return err
	}
	rows := make([]connectionJSON, len(connections))
	for i, n := range connections {
		rows[i] = connectionJSON{n.ID, n.Provider, n.State, n.Why(), make([]typeJSON, len(n.Types))}
		for j, t := range n.Types {
			rows[i].Types[j] = typeJSON{t.Type, t.Stored, t.Quarantined, t.State, t.Why()}
		}
	}
	return c.json(rows)
}

type connectionJSON struct {
	ID       string     `json:"id"`
	Provider string     `json:"provider"`
	State    string     `json:"state"`
	Reason   string     `json:"reason,omitempty"`
	Types    []typeJSON `json:"types"`
}

type typeJSON struct {
	Type        string `json:"type"`
	Stored      int64  `json:"stored"`
	Quarantined int64  `json:"quarantined"`
	State       string `json:"state"`
	Reason      string `json:"reason,omitempty"`
}

func (c *call) json(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(http.StatusOK)
	_, _ = c.w.Write(body) // whoever asked has gone
	return nil
}

func (p *Portal) retry(c *call) error {
	if err := p.Connections.Retry(c.ctx(), c.patient(), c.path("id")); err != nil {
		return err
	}
	return c.goTo("/connections")
}
