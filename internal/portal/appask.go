package portal

import (
	"net/http"
	"time"

	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
	"tributary/internal/store"
)

// answering lets those pass who may answer the app's request: the member of staff
// who opened the app, else a participant with a fresh second factor.
func (p *Portal) answering(c *web.Call) (bool, error) {
	id := c.Query("id")
	if c.Form != nil {
		id = c.Value("id")
	}
	req, err := p.Authorizations.Request(c.Ctx(), id)
	if errs.Of(err).Kind == errs.NotFound {
		req, err = AppRequest{}, nil // whoever comes is told, after they signed in
	}
	if err != nil {
		return false, err
	}
	if req.Role == access.CenterStaff {
		return p.CenterStaff(c)
	}
	return p.Fresh(c)
}

// askPage is what an app asks a person for.
type askPage struct {
	ID    string
	App   store.Listing
	Host  string
	Ask   *apps.Ask
	Show  map[string]bool // keys that are asked for now
	Tick  map[string]bool // keys that are ticked
	Known bool            // the person was asked before
	Added bool            // only what is new is asked for
	Given []apps.Group    // what the app has already, where only what is new is asked
	For   string          // whose data it is; "": the person's own
	Whose []whose         // whose data can be chosen, where there is a choice
	Pick  string          // the Patient whose is chosen

	Remembers bool // the answer stands for the next time
}

// appAsk is a request with what is known of the app and of the person's answers.
type appAsk struct {
	AppRequest
	id     string
	listed store.Listing
	ask    *apps.Ask
	memory apps.Memory
	known  bool
	fresh  map[string]bool
	whose  []whose
}

func (p *Portal) appAsk(c *web.Call, id string) (a appAsk, err error) {
	a.id = id
	if a.AppRequest, err = p.Authorizations.Request(c.Ctx(), id); err != nil {
		return a, err
	}
	if a.By != "" && a.By != c.Session.Account {
		return a, errs.New(errs.Forbidden, "this app was opened by somebody else; open it again from your own page")
	}
	if a.listed, err = p.Listings.Listing(c.Ctx(), a.Client); err != nil {
		return a, err
	}
	a.ask = apps.Of(a.Scopes)
	if a.whose, err = p.open(c, a.AppRequest); err != nil {
		return a, err
	}
	a.memory, a.known, err = p.Listings.Memory(c.Ctx(), c.Session.Account, a.Client)
	a.fresh = a.memory.New(a.ask)
	return a, err
}

// byStaff reports whether a member of a center's staff opened the app.
func (a appAsk) byStaff() bool { return a.Role == access.CenterStaff }

// remembered is what the person gave before, where that answers the request.
func (a appAsk) remembered() []string {
	if !a.known || len(a.whose) > 0 && !a.alone() || a.Always || !a.Assured || len(a.fresh) > 0 {
		return nil
	}
	return a.ask.Grant(a.memory.Kept(a.ask))
}

// partly reports whether only what is new needs to be asked.
func (a appAsk) partly() bool {
	return a.known && (len(a.whose) == 0 || a.alone()) && !a.Always && len(a.fresh) > 0 && len(a.fresh) < len(a.ask.Keys()) && len(a.memory.Kept(a.ask)) > 0
}

// authorizeForm asks the person, unless they answered before.
func (p *Portal) authorizeForm(c *web.Call) error {
	a, err := p.appAsk(c, c.Query("id"))
	if err != nil {
		return p.over(c, err)
	}
	if closed, err := p.shut(c, a); closed || err != nil {
		return err
	}
	if c.Session.CreatedAt.Truncate(time.Second).Before(a.SignInSince) {
		return p.signInAnew(c)
	}
	if scopes := a.remembered(); len(scopes) > 0 {
		return p.approve(c, a, scopes)
	}
	v, err := p.askView(c, a)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// over tells that a request is answered or too old, in the visitor's language.
func (p *Portal) over(c *web.Call, err error) error {
	if errs.Of(err).Kind != errs.NotFound {
		return err
	}
	v := web.View{Name: "app-over", Title: "This request is over"}
	return p.Render(c, http.StatusNotFound, v)
}

// signInAnew lets a participant in again, as the app asks (OpenID Connect Core,
// section 3.1.2.1: prompt=login, max_age).
func (p *Portal) signInAnew(c *web.Call) error {
	sessions, door := web.Keeper(p.Sessions), ""
	for area, console := range consoles {
		if string(console.role) == c.Session.Role {
			sessions, door = p.StaffSessions, "/"+area
		}
	}
	if err := sessions.Destroy(c.W, c.R); err != nil {
		return err
	}
	return c.GoTo(door + "/signin?next=" + escaped(c.Here()))
}

// shut is closed for those who have nobody's data to give.
func (p *Portal) shut(c *web.Call, a appAsk) (bool, error) {
	if len(a.whose) > 0 {
		return false, nil
	}
	return p.closed(c, a.id)
}

// closed tells somebody who does not take part why no app can be connected.
func (p *Portal) closed(c *web.Call, id string) (bool, error) {
	if c.Session.Patient == "" {
		return false, nil // staff
	}
	now, err := p.Consent.Current(c.Ctx(), c.Patient())
	if err != nil || now.Research && !now.Withdrawn {
		return false, err
	}
	v := (web.View{Name: "app-closed", Title: "No app can be connected", Data: struct {
		ID        string
		Withdrawn bool
	}{id, now.Withdrawn}})
	return true, p.Render(c, http.StatusForbidden, v)
}

func (p *Portal) askView(c *web.Call, a appAsk) (web.View, error) {
	d := askPage{ID: a.id, App: a.listed, Host: a.Host, Ask: a.ask, Show: a.ask.Keys(), Tick: a.ask.Keys(), Known: a.known}
	switch {
	case a.partly():
		d.Show, d.Added = a.fresh, true
		d.Given = apps.Of(a.ask.Grant(a.memory.Kept(a.ask))).Groups
	case a.known:
		d.Tick = a.memory.Kept(a.ask)
		for key := range a.fresh {
			d.Tick[key] = true
		}
	}
	d.Remembers = len(a.whose) == 0 || a.alone()
	if err := p.about(c, a, &d); err != nil {
		return web.View{}, err
	}
	return web.View{Name: "authorize", Title: "An app asks for access", Data: d}, nil
}

// about says whose data it is, or lets the person choose: at first whose pages these
// are.
func (p *Portal) about(c *web.Call, a appAsk, d *askPage) (err error) {
	switch {
	case a.byStaff():
		d.For, err = p.nameOf(c, a.Patient)
	case len(a.whose) == 1:
		d.For = a.whose[0].Name
	case len(a.whose) > 1:
		d.Whose, d.Pick = a.whose, c.Patient()
		if _, err := a.chosen(c); err == nil {
			d.Pick = c.Value("whose")
		}
	}
	return err
}

// Of are the pieces of a group that are asked for now.
func (d askPage) Of(g apps.Group) (pieces []apps.Piece) {
	for _, piece := range g.Pieces {
		if d.Show[piece.Key] {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// Groups are those of reading, or of changing, that have anything to ask for.
func (d askPage) Groups(changes bool) (groups []apps.Group) {
	for _, g := range d.Ask.Groups {
		if g.Changes == changes && len(d.Of(g)) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// Ticked reports whether anything of a group is.
func (d askPage) Ticked(g apps.Group) bool {
	for _, piece := range d.Of(g) {
		if d.Tick[piece.Key] {
			return true
		}
	}
	return false
}

// Wants reports whether something beside resources is asked for now.
func (d askPage) Wants(key string) bool { return d.Show[key] }

// authorize answers the app: with what stayed ticked, or with a no.
func (p *Portal) authorize(c *web.Call) error {
	a, err := p.appAsk(c, c.Value("id"))
	if err != nil {
		return p.over(c, err)
	}
	switch c.Value("decision") {
	case "deny":
		target, err := p.Authorizations.Deny(c.Ctx(), a.id)
		if err != nil {
			return p.over(c, err)
		}
		return c.GoTo(target)
	case "approve":
	default:
		return errs.New(errs.Invalid, "the form did not say whether you allow it")
	}
	if closed, err := p.shut(c, a); closed || err != nil {
		return err
	}
	scopes := a.ask.Grant(p.kept(c, a))
	if len(scopes) > 0 {
		return p.approve(c, a, scopes)
	}
	v, err := p.askView(c, a)
	if err != nil {
		return err
	}
	return p.Mend(c, v, form.Faults{{Field: "ask", Text: v.T("Tick at least one thing, or choose “Do not allow”.")}})
}

// kept are the keys that stayed ticked. A form that shows groups gives what is in
// ticked groups; without them, the pieces count alone.
func (p *Portal) kept(c *web.Call, a appAsk) map[string]bool {
	kept := map[string]bool{}
	for _, key := range c.Form["scope"] {
		kept[key] = true
	}
	if c.Value("by") == "group" {
		kept = a.ticked(kept, c.Form["group"])
	}
	if a.partly() {
		for key := range a.memory.Kept(a.ask) {
			kept[key] = true
		}
	}
	return kept
}

func (a appAsk) ticked(pieces map[string]bool, groups []string) map[string]bool {
	show := askPage{Ask: a.ask, Show: a.ask.Keys()}
	if a.partly() {
		show.Show = a.fresh
	}
	in := map[string]bool{}
	for _, key := range groups {
		in[key] = true
	}
	kept := map[string]bool{}
	for _, g := range a.ask.Groups {
		shown := show.Of(g)
		for _, piece := range shown {
			kept[piece.Key] = in[g.Key] && (len(shown) == 1 || pieces[piece.Key])
		}
	}
	for _, key := range a.ask.Others {
		kept[key] = pieces[key]
	}
	return kept
}

// approve answers with the scopes and remembers the answer.
func (p *Portal) approve(c *web.Call, a appAsk, scopes []string) error {
	g, err := p.grant(c, a, scopes)
	if err != nil {
		return err
	}
	target, err := p.Authorizations.Complete(c.Ctx(), a.id, g)
	if err != nil {
		return p.over(c, err)
	}
	if g.Role != access.Delegate {
		err = p.Listings.Answered(c.Ctx(), c.Session.Account, a.Client, a.Scopes, scopes)
	}
	if err != nil {
		return err
	}
	return c.GoTo(target)
}

// grant is an approval by whoever is signed in. Who acts for another is asked each
// time: an answer for one person is none for the next.
func (p *Portal) grant(c *web.Call, a appAsk, scopes []string) (AppGrant, error) {
	if a.byStaff() {
		return p.staffGrant(c, a, scopes)
	}
	about, err := a.chosen(c)
	g := AppGrant{Subject: c.Session.Account, Patient: about.Patient, FHIRUser: "Patient/" + c.Own(), Scopes: scopes,
		Role: access.Participant, Session: p.Sessions.Handle(c.R), SignedIn: c.Session.CreatedAt}
	if about.Name != "" {
		g.Role = access.Delegate
	}
	return g, err
}

// staffGrant is an approval for the patient whom staff have open.
func (p *Portal) staffGrant(c *web.Call, a appAsk, scopes []string) (AppGrant, error) {
	who, err := p.Authorizations.Practitioner(c.Ctx(), c.Staff(), c.Session.Values["name"])
	return AppGrant{Subject: c.Session.Account, Patient: a.Patient, FHIRUser: who, Scopes: scopes, Role: a.Role,
		Site: c.Session.Values["site"], Session: p.StaffSessions.Handle(c.R), SignedIn: c.Session.CreatedAt}, err
}
