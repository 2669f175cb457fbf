package consent

import (
	"fmt"
	"strings"
)

// Effect is what an act of leaving does to a thing.
type Effect string

// The effects.
const (
	GoesOn    Effect = "goes on"
	Stops     Effect = "stops"
	Resumes   Effect = "resumes"
	Later     Effect = "what comes later is excluded"
	Excluded  Effect = "excluded; files are taken back"
	NoRecords Effect = "health records are excluded; files with them are taken back"
	Stays     Effect = "stays"
	Hidden    Effect = "stays, for the person and what the law asks for alone"
	Destroyed Effect = "destroyed, but for the evidence of consent"
	Cancelled Effect = "cancelled"
	IfNeeded  Effect = "cancelled, where visits are for who shares records"
	Again     Effect = "can be booked again"
	Left      Effect = "no longer on them"
)

// Column is a thing that leaving has consequences for.
type Column string

// The columns of the table.
const (
	Pulls     Column = "pulls"
	Contact   Column = "contact"
	Exports   Column = "exports"
	Data      Column = "existing data"
	Apps      Column = "apps"
	Sessions  Column = "sessions"
	Bookings  Column = "bookings"
	WorkLists Column = "work lists"
	Audit     Column = "audit"
)

// Columns are all of the table, in its order.
var Columns = []Column{Pulls, Contact, Exports, Data, Apps, Sessions, Bookings, WorkLists, Audit}

//go:generate go run ./gen ../../docs/consent.md

// Consequence is a row of the table: an act, and what it does.
type Consequence struct {
	Act      string
	Decision Decision
	Does     map[Column]Effect
}

// Consequences is what each way of leaving does. Nothing else says so: the hooks of
// internal/app and the permissions of Current do it, and a test holds every cell
// against a running service.
var Consequences = []Consequence{
	{"EHR revocation", Revoke, row(Stops, GoesOn, NoRecords, Stays, GoesOn, GoesOn, IfNeeded, Stays)},
	{"deactivation", Deactivate, row(Stops, Stops, Later, Stays, GoesOn, GoesOn, Cancelled, Stays)},
	{"reactivation", Reactivate, row(Resumes, Resumes, GoesOn, Stays, GoesOn, GoesOn, Again, Stays)},
	{"withdrawal", Withdraw, row(Stops, Stops, Excluded, Hidden, Stops, GoesOn, Cancelled, Left)},
	{"erasure", Erase, row(Stops, Stops, Excluded, Destroyed, Stops, Stops, Cancelled, Left)},
	{"death, reported", DeathReported, row(Stops, Stops, Later, Stays, GoesOn, GoesOn, Stays, Stays)},
	{"death, denied", DeathDenied, row(Resumes, Resumes, GoesOn, Stays, GoesOn, GoesOn, Stays, Stays)},
	{"death, approved", DeathApproved, row(Stops, Stops, Later, Stays, Stops, Stops, Cancelled, Stays)},
}

// row is effects in the order of Columns; the audit always stays.
func row(effects ...Effect) map[Column]Effect {
	does := map[Column]Effect{Audit: Stays}
	for i, e := range effects {
		does[Columns[i]] = e
	}
	return does
}

// The marks between which docs/consent.md has the Table.
const (
	TableBegins = "<!-- generated from internal/consent: go generate ./internal/consent -->"
	TableEnds   = "<!-- end -->"
)

// Table is the table in Markdown, for docs/consent.md.
func Table() string {
	var b strings.Builder
	b.WriteString("| act |")
	for _, c := range Columns {
		fmt.Fprintf(&b, " %s |", c)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Columns)) + "\n")
	for _, act := range Consequences {
		fmt.Fprintf(&b, "| %s |", act.Act)
		for _, c := range Columns {
			fmt.Fprintf(&b, " %s |", act.Does[c])
		}
		b.WriteString("\n")
	}
	return b.String()
}
