package mydata

import (
	"net/url"
	"slices"

	"tributary/internal/errs"
	"tributary/internal/mydata"
	"tributary/internal/portal/web"
	"tributary/internal/store"
)

// pageSize is how many entries a page has: it stays light on a phone.
const pageSize = 40

// asked is what of the timeline a page shows; it stands in its address, sealed.
type asked struct {
	Kind  string        `json:"k,omitempty"`
	Words string        `json:"w,omitempty"`
	After *store.Cursor `json:"a,omitempty"`
}

// group are the entries of one day, month or year.
type group struct {
	GoesOn  bool
	At      mydata.When // unknown: without a date
	Entries []mydata.Entry
}

type timeline struct {
	asked
	Groups   []group
	Kinds    []mydata.Kind
	Searches bool
	Next     string // address of the next page; "" at the end
	Later    bool   // it is not the first page
	First    string
}

func (p *Pages) timeline(c *web.Call) error {
	d := timeline{Kinds: mydata.Kinds(), Searches: p.Data.Searches()}
	if sealed := c.Query("at"); sealed != "" {
		if err := p.Cursors.OpenInto(sealed, c.Patient(), &d.asked); err != nil {
			return errs.Wrap(err, errs.NotFound, "there is no such page")
		}
	} else {
		d.Kind = c.Query("kind")
	}
	page, err := p.Data.Timeline(c.Ctx(), c.Participant(), mydata.Query{Kind: d.Kind, Words: d.Words, After: d.After, Count: pageSize})
	if err != nil {
		return err
	}
	d.Groups, d.Later = grouped(page.Entries), d.After != nil
	if d.First, err = p.address(c, asked{Kind: d.Kind, Words: d.Words}); err == nil && page.Next != nil {
		d.Next, err = p.address(c, asked{d.Kind, d.Words, page.Next})
	}
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "data", Title: "My data", Style: style, Data: d})
}

// longestWords bounds what is looked for, in bytes.
const longestWords = 200

// narrow goes to the page of what was chosen.
func (p *Pages) narrow(c *web.Call) error {
	a := asked{Kind: c.Value("kind"), Words: c.Value("words")}
	known := slices.ContainsFunc(mydata.Kinds(), func(k mydata.Kind) bool { return k.Key == a.Kind })
	if a.Kind != "" && !known || len(a.Words) > longestWords {
		return errs.New(errs.Invalid, "choose one of the kinds, and a few words")
	}
	where, err := p.address(c, a)
	if err != nil {
		return err
	}
	return c.GoTo(where)
}

// address is where a page of the timeline is.
func (p *Pages) address(c *web.Call, a asked) (string, error) {
	switch {
	case a == asked{}:
		return "/data", nil
	case a.Words == "" && a.After == nil:
		return "/data?" + url.Values{"kind": {a.Kind}}.Encode(), nil
	}
	sealed, err := p.Cursors.Seal(a, c.Patient())
	return "/data?" + url.Values{"at": {sealed}}.Encode(), err
}

// grouped are the entries under the days that they stand at.
func grouped(entries []mydata.Entry) (groups []group) {
	for _, e := range entries {
		at, goesOn := e.Day()
		if n := len(groups); n == 0 || !groups[n-1].holds(at, goesOn) {
			groups = append(groups, group{GoesOn: goesOn, At: at})
		}
		last := &groups[len(groups)-1]
		last.Entries = append(last.Entries, e)
	}
	return groups
}

func (g group) holds(at mydata.When, goesOn bool) bool {
	if goesOn || g.GoesOn {
		return goesOn && g.GoesOn
	}
	return heading(g.At) == heading(at)
}

// heading tells days, months and years apart.
func heading(w mydata.When) string {
	switch w.Precision {
	case mydata.NoDate:
		return ""
	case mydata.Year:
		return w.Time.Format("2006")
	case mydata.Month:
		return w.Time.Format("2006-01")
	}
	return w.Time.Format("2006-01-02")
}
