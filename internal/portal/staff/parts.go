package staff

import (
	"tributary/internal/cohort"
	"tributary/internal/news"
	"tributary/internal/portal/web"
)

// longField is a field of several lines.
type longField struct {
	Name, Label, Optional, Value, Fault string
	Rows                                int
}

// area is a long field as the view knows it; "optional" may be the last argument.
func area(v web.View, name, label string, options ...string) longField {
	f := longField{Name: name, Label: v.T(label), Value: v.Value(name), Fault: v.Fault(name), Rows: 5}
	if len(options) > 0 {
		f.Optional = v.T("(you can leave this out)")
	}
	return f
}

// decided is a decision, and how words read on the page.
type decided struct {
	View     web.View
	Decision cohort.Decision
}

func asked(v web.View, d cohort.Decision) decided { return decided{v, d} }

// named is a chart with what it tells.
func named(c bars, title string) bars {
	c.Title = title
	return c
}

func listTitle(v web.View, list string) string { return v.T(listTitles[list]) }

// kinds are what can be asked for, in this order.
func kinds() []string {
	return []string{cohort.Withdrawing, cohort.Deceasing, cohort.Merging, cohort.Parting}
}

// invitationWords are the statuses of invitations.
var invitationWords = map[news.Status]string{
	news.Candidate: "not answered", news.Eligible: "said yes", news.NotRegistered: "said no", news.OnStudy: "takes part",
	news.LeftBefore: "said yes, then no", news.OffStudy: "over",
}

func invitationWord(v web.View, s news.Status) string { return v.T(invitationWords[s]) }
