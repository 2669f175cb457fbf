package staff

import (
	"context"
	"strings"
	"testing"
	"time"

	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
	"tributary/internal/store"
)

// approvals stand for those that are kept.
type approvals struct {
	all   []store.Approval
	ended string
}

func (a *approvals) List(context.Context, access.Actor) ([]store.Approval, error) { return a.all, nil }

func (a *approvals) Approve(_ context.Context, _ access.Actor, one store.Approval) error {
	one.ID = "a" + string(rune('0'+len(a.all)))
	a.all = append(a.all, one)
	return nil
}

func (a *approvals) End(_ context.Context, who access.Actor, researcher, group string) error {
	a.ended = strings.Join([]string{who.ID, researcher, group}, " ")
	return nil
}

func TestApprovingPeopleOfResearch(t *testing.T) {
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	site := webtest.New(t, web.Config{Study: study, Now: func() time.Time { return now }})
	kept := &approvals{all: []store.Approval{{ID: "old", Researcher: "r", Group: "cohort", Project: "Before", Ends: now.AddDate(1, 0, 0), Agreed: now.AddDate(0, 0, -1), Trained: now.AddDate(1, 0, 0)}}}
	site.Serve(t, New(Config{Site: site.Site, Approvals: kept}).Room())
	s := site.Staff(t, "sam", "study", "")
	good := []string{"researcher", "idp|curie", "project", "Sleep  and rest", "ends", "2027-01-31", "agreed", "2026-12-31", "trained", "2026-03-02"}
	for i := 1; i < len(good); i += 2 {
		bad := append([]string{}, good...)
		for _, value := range []string{"", "2026-03-01", "never"} {
			if bad[i] = value; i > 4 || value == "" {
				if page := s.Mends("/staff/researchers", bad...); !strings.Contains(page.Body, `href="#`+good[i-1]+`"`) {
					t.Errorf("%s %q: no fault at the field", good[i-1], value)
				}
			}
		}
	}
	s.Sent("/staff/researchers", "/staff/researchers", good...)
	a := kept.all[len(kept.all)-1]
	if len(kept.all) != 2 || a.Researcher != "idp|curie" || a.Project != "Sleep and rest" || a.Group != study.Cohort || !a.Trained.Equal(time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("approved %+v", kept.all)
	}
	page := s.Sees("/staff/researchers", "researchers")
	for id, holds := range map[string]string{"old": "false", a.ID: "true"} {
		if got := webtest.Attribute(webtest.Find(page.Doc, "li", "data-approval", id), "data-holds"); got != holds {
			t.Errorf("%s holds: %q", id, got)
		}
	}
	s.Sent("/staff/researchers", "/staff/researchers/end", "researcher", "idp|curie", "group", "cohort")
	if kept.ended != "sam idp|curie cohort" {
		t.Errorf("ended %q", kept.ended)
	}
}
