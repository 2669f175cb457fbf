package portal

import (
	"context"
	"slices"
	"strconv"
	"time"

	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
)

// Trail is what the audit tells a participant about their own data.
type Trail interface {
	// Uses is a page of it, newest first: of one of the TrailKinds, or with "" of all.
	// under is the page before's Next; 0 for the first. That they look is audited.
	Uses(ctx context.Context, participant access.Actor, kind string, under int64) (TrailPage, error)
}

// TrailPage is a page of uses.
type TrailPage struct {
	Uses []TrailUse
	Next int64 // 0 at the end
}

// TrailUse is what one party did on one day (UTC) for one reason.
type TrailUse struct {
	Day, Last       time.Time
	Kind            string // of TrailKinds
	Name            string // of the app or the organization; "" where the kind says it all
	Purpose         string // v3 PurposeOfUse
	Exported        bool
	Events, Refused int64
	Read, Changed   []string // resource types
}

// TrailKinds are the parties that a participant can ask about.
var TrailKinds = []string{"app", "team", "provider", "research", "delegate", "you", "service"}

// trailDay is the uses of one day.
type trailDay struct {
	Day  time.Time
	Uses []TrailUse
}

// trailPage is the page "Who has seen my data".
type trailPage struct {
	Days  []trailDay
	Kinds []string
	Kind  string
	Next  string
	Later bool // it is not the first page
}

func (p *Portal) trail(c *web.Call) error {
	d := trailPage{Kinds: TrailKinds, Kind: c.Query("who")}
	if d.Kind != "" && !slices.Contains(TrailKinds, d.Kind) {
		return errs.New(errs.NotFound, "there is no such page")
	}
	under, err := place(c.Query("before"))
	if err != nil {
		return err
	}
	page, err := p.Trail.Uses(c.Ctx(), c.Participant(), d.Kind, under)
	if err != nil {
		return err
	}
	d.Later = under != 0
	for _, u := range page.Uses {
		if n := len(d.Days); n == 0 || !d.Days[n-1].Day.Equal(u.Day) {
			d.Days = append(d.Days, trailDay{Day: u.Day})
		}
		last := &d.Days[len(d.Days)-1]
		last.Uses = append(last.Uses, u)
	}
	if page.Next != 0 {
		d.Next = strconv.FormatInt(page.Next, 36)
	}
	return p.Show(c, web.View{Name: "trail", Title: "Who has seen my data", Data: d})
}

// place reads where a page begins, as it stands in its address.
func place(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 36, 64)
	if err != nil || n <= 0 {
		return 0, errs.New(errs.NotFound, "there is no such page")
	}
	return n, nil
}

// Titles are the kinds of data of types, each once.
func (TrailUse) Titles(types []string) (titles []string) {
	for _, typ := range types {
		if title := apps.TitleOf(typ); !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	return titles
}
