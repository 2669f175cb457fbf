package providers

import (
	"tributary/internal/apps"
	"tributary/internal/portal/web"
)

// Moving reports whether the connection's page will change by itself.
func (n Connection) Moving() bool {
	return n.State == "waiting" || n.State == "running" || n.Reason == "removing"
}

// Over reports whether nothing comes any more and nobody waits for anything.
func (n Connection) Over() bool { return n.State == "stopped" && n.Reason != "removing" }

// Lapsed reports whether the provider has ended our access: connecting again helps.
func (n Connection) Lapsed() bool { return n.State == "failed" && n.Reason == "refresh" }

// Retries reports whether asking again may help.
func (n Connection) Retries() bool {
	return !n.Lapsed() && (n.State == "partial" || n.State == "failed")
}

// Leavable reports whether the participant can end it, or have what it brought
// removed.
func (n Connection) Leavable() bool {
	switch n.Reason {
	case "removing", "removed", "withdrawn", "replaced", "refused":
		return false
	}
	return n.State != "held"
}

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

// Kind is what came of one kind of records, as people know it.
type Kind struct {
	Title       string // in English: a text of package apps
	Stored      int64
	Quarantined int64
	State       string   // pending, done, failed: what is worst of its types
	Reasons     []string // sentences
}

// worse orders the states of a kind's types.
var worse = map[string]int{"done": 0, "pending": 1, "failed": 2}

// Kinds are the kinds of records that there is something to say of, in the order in
// which their types are.
func (n Connection) Kinds() []Kind {
	var out []Kind
	at := map[string]int{}
	for _, t := range n.Types {
		if !t.tells() {
			continue
		}
		title := titleOf(t.Name)
		i, ok := at[title]
		if !ok {
			i, at[title] = len(out), len(out)
			out = append(out, Kind{Title: title, State: "done"})
		}
		out[i].add(t)
	}
	return out
}

func (k *Kind) add(t Type) {
	k.Stored += t.Stored
	k.Quarantined += t.Quarantined
	if worse[t.State] > worse[k.State] {
		k.State = t.State
	}
	if t.State != "failed" {
		return
	}
	for _, there := range k.Reasons {
		if there == t.Why() {
			return
		}
	}
	k.Reasons = append(k.Reasons, t.Why())
}

// titleOf is the kind that a type is shown as. What could not be told apart has none.
func titleOf(typ string) string {
	if typ == "" {
		return "Not recognised"
	}
	return apps.TitleOf(typ)
}

func (t Type) tells() bool { return t.Stored > 0 || t.Quarantined > 0 || t.State == "failed" }

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

// json is the page for programs.
func (p *Pages) json(c *web.Call) error {
	all, err := p.Connections.Status(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	rows := make([]connectionJSON, len(all))
	for i, n := range all {
		rows[i] = connectionJSON{n.ID, n.Provider, n.State, n.Why(), make([]typeJSON, len(n.Types))}
		for j, t := range n.Types {
			rows[i].Types[j] = typeJSON{t.Name, t.Stored, t.Quarantined, t.State, t.Why()}
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
