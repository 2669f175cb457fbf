package portal_test

import (
	"strings"
	"testing"

	"tributary/internal/portal"
)

// sharer is somebody who shares records, and has these connections.
func sharer(t *testing.T, all ...portal.Connection) *browser {
	t.Helper()
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.consent(ada, "yes")
	x.providers.status = all
	return b
}

func TestWhatIsSetAsideIsTold(t *testing.T) {
	b := sharer(t, portal.Connection{ID: "c1", Provider: "riverside", Name: "Riverside", State: "partial", Reason: portal.ReasonSetAside, Types: []portal.TypeCount{
		{Type: "Observation", Stored: 3, Quarantined: 1, State: "done"}, {Type: "Condition", State: "failed", Reason: "refused"}, {Type: "Practitioner", Stored: 1, State: "done"},
		{Type: "Goal", State: "done"}, {Type: "Flag", State: "done"}, {Quarantined: 1, State: "done"}}})
	page := b.sees("/connections", "connections")
	sound(t, page)
	item := find(page.page, "li", "data-connection", "c1")
	for _, want := range []string{"We keep them apart", "1 set aside, because it could not be read", "your provider does not share these", "Your provider has nothing of 2 other kinds of records", "Not recognised"} {
		if !strings.Contains(textOf(item), want) {
			t.Errorf("the page does not tell %q", want)
		}
	}
	if find(item, "form", "action", "/connections/c1/retry") == nil {
		t.Error("it cannot be tried again")
	}
	if find(item, "tr", "data-type", "Goal") != nil || find(item, "tr", "data-type", "Practitioner") == nil || strings.Contains(textOf(item), "Waiting") {
		t.Error("the table has rows that say nothing, or lacks some that do")
	}
}

func TestThePageCanBeKeptStill(t *testing.T) {
	b := sharer(t, portal.Connection{ID: "c1", State: "running", Types: []portal.TypeCount{{Type: "Goal", State: "pending"}}})
	page := b.sees("/connections", "connections")
	if find(page.page, "meta", "http-equiv", "refresh") == nil || find(page.page, "a", "href", "/connections?still=1") == nil {
		t.Error("the page does not look again, or offers no way out of it")
	}
	still := b.sees("/connections?still=1", "connections")
	sound(t, still)
	if find(still.page, "meta", "http-equiv", "refresh") != nil || find(still.page, "a", "href", "/connections") == nil {
		t.Error("the page does not keep still, or offers no way back")
	}
}

// Of a record that is held nothing is awaited.
func TestHeldAwaitsNothing(t *testing.T) {
	b := sharer(t, portal.Connection{ID: "c1", State: "held", Reason: "demographics", Types: []portal.TypeCount{{Type: "Goal", State: "pending"}}})
	if text := textOf(b.sees("/connections", "connections").page); strings.Contains(text, "still to be asked for") || !strings.Contains(text, "differs from your account") {
		t.Error(text)
	}
}

func TestConnectionsForPrograms(t *testing.T) {
	b := sharer(t, portal.Connection{ID: "c1", Provider: "riverside", State: "held", Reason: "duplicate"},
		portal.Connection{ID: "c2", Provider: "riverside", State: "partial", Types: []portal.TypeCount{{Type: "Goal", State: "failed", Reason: "down", Quarantined: 2}}})
	want := `[{"id":"c1","provider":"riverside","state":"held","reason":"This record is already connected to another account. Study staff will look into it.","types":[]},` +
		`{"id":"c2","provider":"riverside","state":"partial","types":[{"type":"Goal","stored":0,"quarantined":2,"state":"failed","reason":"your provider did not answer"}]}]`
	if got := b.get("/connections.json").text; got != want {
		t.Errorf("got %s", got)
	}
}
