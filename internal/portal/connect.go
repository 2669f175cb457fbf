package portal

import (
	"slices"

	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
)

type providersPage struct {
	Providers []Provider
	Connected map[string]bool
	Consent   consent.Permissions
}

func (p *Portal) providers(c *web.Call) error {
	d := providersPage{Connected: map[string]bool{}}
	var err error
	if d.Consent, err = p.Consent.Current(c.Ctx(), c.Patient()); err != nil {
		return err
	}
	if d.Providers, err = p.Connections.Providers(c.Ctx()); err != nil {
		return err
	}
	connections, err := p.Connections.Status(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	for _, one := range connections {
		d.Connected[one.Provider] = d.Connected[one.Provider] || one.State != "stopped"
	}
	return p.Show(c, web.View{Name: "providers", Title: "Connect a care provider", Data: d})
}

// connect begins at the provider. The consent is asked for here as well as at
// every step of the pull.
func (p *Portal) connect(c *web.Call) error {
	now, err := p.Consent.Current(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	if !now.EHR {
		return errs.New(errs.Forbidden, "connecting a provider is for participants who share their health records")
	}
	target, err := p.Connections.Start(c.Ctx(), c.Session.Account, c.Patient(), c.Path("id"))
	if err != nil {
		return err
	}
	return c.GoTo(target)
}

// callback is where the provider sends the browser back to.
func (p *Portal) callback(c *web.Call) error {
	err := p.Connections.Callback(c.Ctx(), c.Session.Account, c.Patient(), c.R.URL.Query())
	if err == nil {
		return c.GoTo("/connections")
	}
	e := errs.Of(err)
	if e.Kind == errs.Internal {
		return err
	}
	p.Logger.Warn("portal: connecting a provider", "error", err)
	return p.Render(c, e.Kind.Status(), web.View{Name: "connect-failed", Title: "The connection did not work", Data: web.Sentence(e.Safe)})
}

// refreshEvery is how often the progress page asks again, in seconds.
const refreshEvery = 3

// connectionsPage shows how far the records have come. Still is for whom a page
// that changes by itself disturbs (WCAG 2.2.2, 2.2.4): it does not.
type connectionsPage struct {
	Connections   []Connection
	Moving, Still bool
}

func (p *Portal) connections(c *web.Call) error {
	connections, err := p.Connections.Status(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	d := connectionsPage{Connections: connections, Moving: slices.ContainsFunc(connections, Connection.Moving)}
	v := web.View{Name: "connections", Title: "Your connections"}
	if d.Still = c.Query("still") == "1"; d.Moving && !d.Still {
		v.Refresh = refreshEvery
	}
	v.Data = d
	return p.Show(c, v)
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
func (p *Portal) connectionsJSON(c *web.Call) error {
	connections, err := p.Connections.Status(c.Ctx(), c.Patient())
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
	return c.JSON(rows)
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

func (p *Portal) retry(c *web.Call) error {
	if err := p.Connections.Retry(c.Ctx(), c.Patient(), c.Path("id")); err != nil {
		return err
	}
	return c.GoTo("/connections")
}
