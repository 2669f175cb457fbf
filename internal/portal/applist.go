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
	App     store.Listing
	Since   time.Time // of the first that holds
	Groups  []apps.Group
	Offline bool
	Use     AppUse
}

// letIn lists the account's apps, those let in last first.
func (p *Portal) letIn(c *web.Call) (all []letIn, err error) {
	given, err := p.Authorizations.Given(c.Ctx(), c.Session.Account)
	if err != nil {
		return nil, err
	}
	scopes := map[string][]string{}
	for _, g := range given {
		i := slices.IndexFunc(all, func(l letIn) bool { return l.App.Client == g.Client })
		if i < 0 {
			i = len(all)
			all = append(all, letIn{App: store.Listing{Client: g.Client}})
		}
		all[i].Since = g.Since
		scopes[g.Client] = append(scopes[g.Client], g.Scopes...)
	}
	for i := range all {
		if err := p.describe(c, &all[i], scopes[all[i].App.Client]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (p *Portal) describe(c *web.Call, l *letIn, scopes []string) (err error) {
	if l.App, err = p.Listings.Listing(c.Ctx(), l.App.Client); err != nil {
		return err
	}
	ask := apps.Of(scopes)
	l.Groups, l.Offline = ask.Groups, slices.Contains(ask.Others, apps.Offline)
	l.Use, err = p.Authorizations.Used(c.Ctx(), c.Patient(), l.App.Client, time.Time{})
	return err
}

// appsPage is the page on which people manage what apps may do (SMART App Launch
// 2.2: management_endpoint).
type appsPage struct {
	Apps  []letIn
	Ended string // name of the app that was just ended
}

func (p *Portal) appList(c *web.Call) error {
	all, err := p.letIn(c)
	if err != nil {
		return err
	}
	d := appsPage{Apps: all}
	if client := c.Query("ended"); client != "" {
		l, err := p.Listings.Listing(c.Ctx(), client)
		if err == nil && !slices.ContainsFunc(all, func(a letIn) bool { return a.App.Client == client }) {
			d.Ended = l.Name
		}
	}
	return p.Show(c, web.View{Name: "apps", Title: "Apps with access", Data: d})
}

// appDetails tells of one app that has access.
func (p *Portal) appDetails(c *web.Call) error {
	all, err := p.letIn(c)
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
	if err := p.Authorizations.End(c.Ctx(), c.Session.Account, client); err != nil {
		return err
	}
	if err := p.Listings.Forget(c.Ctx(), c.Session.Account, client); err != nil {
		return err
	}
	return c.GoTo("/apps?ended=" + escaped(client))
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
