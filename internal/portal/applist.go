package portal

import (
	"net/url"
	"slices"
	"time"

	"tributary/internal/apps"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/store"
)

func escaped(text string) string { return url.QueryEscape(text) }

// About is what is told of an app, in the page's language where it is.
func about(v web.View, l store.Listing) string {
	if v.Lang == web.Spanish && l.Spanish != "" {
		return l.Spanish
	}
	return l.Description
}

// Modes are reading and changing, for the page to go through.
func (askPage) Modes() []bool { return []bool{false, true} }

// letIn is an app that somebody let in, with what it may do and did.
type letIn struct {
	ID      string // of the authorization, where the app is one of somebody who acts for another
	Patient string // whose data it is about
	Person  string // who else it is about, or who else let it in: a name
	App     store.Listing
	Since   time.Time // of the first that holds
	Groups  []apps.Group
	Offline bool
	Sorted  bool // it gets no entries without a category
	Use     AppUse
}

// letIn lists the account's apps, those let in last first: those about the person, and
// those about others for whom the person acts.
func (p *Portal) letIn(c *web.Call) (own, others []letIn, err error) {
	given, err := p.Authorizations.Given(c.Ctx(), c.Session.Account)
	if err != nil {
		return nil, nil, err
	}
	type about struct{ patient, client string }
	scopes := map[about][]string{}
	var all []letIn
	for _, g := range given {
		i := slices.IndexFunc(all, func(l letIn) bool { return l.App.Client == g.Client && l.Patient == g.Patient })
		if i < 0 {
			i = len(all)
			all = append(all, letIn{Patient: g.Patient, App: store.Listing{Client: g.Client}})
		}
		all[i].Since = g.Since
		scopes[about{g.Patient, g.Client}] = append(scopes[about{g.Patient, g.Client}], g.Scopes...)
	}
	for _, l := range all {
		if err := p.describe(c, &l, scopes[about{l.Patient, l.App.Client}]); err != nil {
			return nil, nil, err
		}
		if l.Patient == c.Patient() {
			own = append(own, l)
			continue
		}
		if l.Person, err = p.nameOf(c, l.Patient); err != nil {
			return nil, nil, err
		}
		others = append(others, l)
	}
	return own, others, nil
}

// byDelegates lists the apps that people who act for the person let in, each with who
// did.
func (p *Portal) byDelegates(c *web.Call) (all []letIn, err error) {
	given, err := p.Authorizations.GivenByDelegates(c.Ctx(), c.Patient())
	for _, g := range given {
		l := letIn{ID: g.ID, Patient: g.Patient, App: store.Listing{Client: g.Client}, Since: g.Since}
		if err := p.describe(c, &l, g.Scopes); err != nil {
			return nil, err
		}
		if l.Person, err = p.holder(c, g.Account); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, err
}

// holder is the name of whose account it is.
func (p *Portal) holder(c *web.Call, account string) (string, error) {
	a, err := p.Accounts.Get(c.Ctx(), account)
	if err != nil || a.Patient == "" {
		return "", err
	}
	return p.nameOf(c, a.Patient)
}

func (p *Portal) describe(c *web.Call, l *letIn, scopes []string) (err error) {
	if l.App, err = p.Listings.Listing(c.Ctx(), l.App.Client); err != nil {
		return err
	}
	ask := apps.Of(scopes)
	l.Groups, l.Offline, l.Sorted = ask.Groups, slices.Contains(ask.Others, apps.Offline), ask.Unsorted() == apps.Never
	l.Use, err = p.Authorizations.Used(c.Ctx(), l.Patient, l.App.Client, time.Time{})
	return err
}

// appsPage is the page on which people manage what apps may do (SMART App Launch
// 2.2: management_endpoint).
type appsPage struct {
	Apps      []letIn
	Others    []letIn // about those for whom the person acts
	Delegates []letIn // that those let in who act for the person
	Ended     string  // name of the app that was just ended
}

func (p *Portal) appList(c *web.Call) error {
	own, others, err := p.letIn(c)
	if err != nil {
		return err
	}
	d := appsPage{Apps: own, Others: others}
	if c.Acting() { // the page is about whom the person acts for, alone
		d.Others = nil
	} else if d.Delegates, err = p.byDelegates(c); err != nil {
		return err
	}
	if client := c.Query("ended"); client != "" {
		l, err := p.Listings.Listing(c.Ctx(), client)
		if err == nil && !slices.ContainsFunc(own, func(a letIn) bool { return a.App.Client == client }) {
			d.Ended = l.Name
		}
	}
	return p.Show(c, web.View{Name: "apps", Title: "Apps with access", Data: d})
}

// appDetails tells of one app that has access.
func (p *Portal) appDetails(c *web.Call) error {
	all, _, err := p.letIn(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(l letIn) bool { return l.App.Client == c.Path("client") })
	if i < 0 {
		return errs.New(errs.NotFound, "this app has no access")
	}
	return p.Show(c, web.View{Name: "app", Title: all[i].App.Name, Data: all[i]})
}

// endApp takes back, at once, what the app was given; it is asked for anew.
func (p *Portal) endApp(c *web.Call) error {
	client := c.Path("client")
	about := c.Patient()
	if other := c.Value("about"); other != "" {
		about = other
	}
	if err := p.Authorizations.End(c.Ctx(), c.Session.Account, client, about); err != nil {
		return err
	}
	if about != c.Own() {
		return c.GoTo("/apps")
	}
	if err := p.Listings.Forget(c.Ctx(), c.Session.Account, client); err != nil {
		return err
	}
	return c.GoTo("/apps?ended=" + escaped(client))
}

// endDelegates takes back, at once, what somebody let in who acts for the person.
func (p *Portal) endDelegates(c *web.Call) error {
	if c.Acting() {
		return errs.New(errs.Forbidden, "only the participant ends what others let in")
	}
	if err := p.Authorizations.EndDelegates(c.Ctx(), c.Patient(), c.Value("id")); err != nil {
		return err
	}
	return c.GoTo("/apps")
}

// logo is an app's picture, from here and not from its publisher, who would learn
// who looks.
func (p *Portal) logo(c *web.Call) error {
	kind, picture, err := p.Listings.Logo(c.Ctx(), c.Path("client"))
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, max-age=3600")
	_, _ = c.W.Write(picture) // whoever asked has gone
	return nil
}
