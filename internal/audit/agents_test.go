package audit

import (
	"slices"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// An event names who asked as the requestor, the app that they used, and for whom.
func TestAgents(t *testing.T) {
	db := storetest.SQLite(t, storetest.Options{})
	for name, c := range map[string]struct {
		actor access.Actor
		want  []string // of each agent: who, requestor
	}{
		"a person":             {access.Actor{Role: access.Participant, ID: "a", Patient: "p1"}, []string{"participant|a true"}},
		"an app for a person":  {anna, []string{"participant|account-1 true", "client|app-1 false"}},
		"an app for itself":    {access.Actor{Role: access.EHR, Client: "ehr-1"}, []string{"ehr|ehr-1 true"}},
		"a delegate":           {access.Actor{Role: access.Delegate, ID: "eve", Patient: "p1"}, []string{"delegate|eve true", "Patient/p1 false"}},
		"an app of a delegate": {access.Actor{Role: access.Delegate, ID: "eve", Client: "app-1", Patient: "p1"}, []string{"delegate|eve true", "client|app-1 false", "Patient/p1 false"}},
	} {
		l := logOver(t, db, Config{})
		e := Event{Interaction: access.Read, Entities: []Entity{{Type: "Patient", ID: "p1"}}}
		if err := l.Append(t.Context(), db, c.actor, PurposeOf(c.actor), e); err != nil {
			t.Fatal(err)
		}
		newest := find(t, l, db, store.AuditFilter{})[0]
		r, err := fhir.Parse(newest.Body)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for agent := range r.Root.Get("agent").Elements() {
			who := agent.Get("who")
			text := who.Get("reference").Text()
			if text == "" {
				text = strings.TrimPrefix(who.Get("identifier").Get("system").Text(), ActorSystem) + "|" + who.Get("identifier").Get("value").Text()
			}
			got = append(got, text+" "+string(agent.Get("requestor").Raw()))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
