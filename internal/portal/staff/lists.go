package staff

import (
	"strings"

	"tributary/config/program"
	"tributary/internal/cohort"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// lists are the work lists with how many are on each.
func (p *Pages) lists(c *web.Call) ([]worked, error) {
	counts, err := p.Cohort.Counts(c.Ctx())
	var out []worked
	for _, list := range cohort.WorkLists {
		out = append(out, worked{list, counts[list]})
	}
	return out, err
}

func (p *Pages) work(c *web.Call) error {
	all, err := p.lists(c)
	if err != nil {
		return err
	}
	return p.Show(c, page("work", "Work lists", all))
}

// workPage is one list.
type workPage struct {
	List string
	Work []workRow
}

// workRow is somebody on a list; Name is what the list's code stands for.
type workRow struct {
	cohort.Work
	Name program.Text
}

func (p *Pages) workList(c *web.Call) error {
	list := c.Path("list")
	work, err := p.Cohort.Work(c.Ctx(), c.Staff(), list)
	if err != nil {
		return err
	}
	d := workPage{List: list}
	for _, w := range work {
		d.Work = append(d.Work, workRow{w, p.nameOf(list, w.What)})
	}
	return p.Show(c, page("worklist", listTitles[list], d))
}

// nameOf is how a work list's provider, consent or center is called; empty where the
// code is a word of its own.
func (p *Pages) nameOf(list, id string) program.Text {
	switch list {
	case cohort.WorkConnections:
		return program.English(p.Connections.Provider(id))
	case cohort.WorkReconsent, cohort.WorkLapsing:
		if one, ok := p.Study.Consent(id); ok {
			return one.Title
		}
	case cohort.WorkNoShow:
		site, _ := p.Study.Site(id)
		return site.Name
	}
	return nil
}

func (p *Pages) decisionsView(c *web.Call) (web.View, error) {
	all, err := p.Cohort.Waiting(c.Ctx(), c.Staff())
	return page("decisions", "Decisions of two", decisionsPage{all, c.Session.Account}), err
}

// decisionsPage is what waits, for somebody who may have asked for it.
type decisionsPage struct {
	Waiting []cohort.Decision
	Me      string
}

func (p *Pages) decisions(c *web.Call) error {
	v, err := p.decisionsView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Pages) decide(c *web.Call) error {
	v, err := p.decisionsView(c)
	if err != nil {
		return err
	}
	verdict := c.Value("decision")
	if verdict != "approve" && verdict != "deny" {
		return p.Mend(c, v, form.Faults{{Field: "reason-" + c.Path("id"), Text: "Choose to approve or to deny."}})
	}
	if err := p.Cohort.Decide(c.Ctx(), c.Staff(), c.Path("id"), verdict == "approve", c.Value("reason")); err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/staff/decisions")
}

func (p *Pages) releases(c *web.Call) error {
	all, err := p.Cohort.Releases(c.Ctx(), c.Staff())
	if err != nil {
		return err
	}
	return p.Show(c, page("releases", "Releases", all))
}

// invitationsPage is how invitations stand, and the count of a draft.
type invitationsPage struct {
	Studies []invitedPage
	Open    []program.OtherStudy
	Counted *cohort.Cell // of the criteria in the form
	Sent    bool
}

type invitedPage struct {
	cohort.Invited
	Charts []groupPage
}

func (p *Pages) invitationsView(c *web.Call) (web.View, invitationsPage, error) {
	v := p.In(c, page("invitations", "Invitations to other research", nil))
	all, err := p.Cohort.Invited(c.Ctx(), c.Staff())
	d := invitationsPage{Sent: c.Query("sent") == "yes"}
	for _, one := range all {
		d.Studies = append(d.Studies, invitedPage{Invited: one})
		if !one.Study.Closed {
			d.Open = append(d.Open, one.Study)
		}
	}
	v.Data = d
	return v, d, err
}

func (p *Pages) invitations(c *web.Call) error {
	v, _, err := p.invitationsView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Pages) invite(c *web.Call) error {
	v, d, err := p.invitationsView(c)
	if err != nil {
		return err
	}
	criteria := cohort.Criteria{Study: c.Value("study"), Query: c.Value("query")}
	switch c.Value("do") {
	case "count":
		n, err := p.Cohort.Preview(c.Ctx(), c.Staff(), criteria)
		if err != nil {
			return p.Mend(c, v, err)
		}
		d.Counted = &n
		v.Data, v.Form = d, map[string]string{"study": criteria.Study, "query": criteria.Query}
		return p.Show(c, v)
	case "send":
		if err := p.Cohort.Send(c.Ctx(), c.Staff(), criteria); err != nil {
			return p.Mend(c, v, err)
		}
		return c.GoTo("/staff/invitations?sent=yes")
	}
	return errs.New(errs.Invalid, "choose to count or to invite")
}

// announcePage is what everybody was told.
type announcePage struct {
	Topics []program.Topic
	Told   []told
}

func (p *Pages) announcementsView(c *web.Call) (web.View, error) {
	all, err := p.News.Common(c.Ctx())
	d := announcePage{Topics: p.Study.Outreach.Topics}
	for _, m := range all {
		topic, _ := p.Study.Outreach.Topic(m.Topic)
		d.Told = append(d.Told, told{Item: m, Topic: topic.Title})
	}
	return page("announce", "News for everybody", d), err
}

func (p *Pages) announcements(c *web.Call) error {
	v, err := p.announcementsView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Pages) announce(c *web.Call) error {
	v, err := p.announcementsView(c)
	if err != nil {
		return err
	}
	if _, err := p.News.Announce(c.Ctx(), p.written(c)); err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/staff/news")
}

// listTitles are what the work lists are called.
var listTitles = map[string]string{
	cohort.WorkConnections: "Providers that need attention", cohort.WorkReconsent: "Consents to sign anew", cohort.WorkLapsing: "Sharing that ends",
	cohort.WorkNoShow: "Visits that were missed", cohort.WorkSamples: "Samples that are not finished", cohort.WorkDuplicates: "Accounts that look like one person",
}

// words are the codes of other packages in words.
var words = codes(`
	pending: waits | approved: approved | denied: denied
	withdraw: withdraw from the study | deceased: record a death | merge: join two accounts | part: take two accounts apart
	booked: booked | arrived: has come | fulfilled: was measured | cancelled: cancelled | noshow: did not come
	agree: agreed | decline: said no | revoke: took it back | reactivate: came back | deactivate: paused
	death-reported: a death was reported | death-denied: the report was wrong | death-approved: a death was recorded | erase: erased
	research: research | ehr: health records | results: results | participation: taking part
	changed: the text has changed | ending: ends soon | ended: has ended
	active: active | held: held back | lapsed: access has ended | stopped: stopped
	refresh: the provider no longer renews the access | duplicate: belongs to another account | demographics: birth date or sex differ
	patient: could not be read | withdrawn: has left | revoked: sharing was taken back | replaced: connected anew | refused: refused | accepted: accepted
	disconnected: disconnected | removing: is being removed | removed: removed
	requested: ordered | created: ordered | collected: collected | processed: processed | in-progress: under way | ready: ready | on-hold: on hold
	certain: certain | probable: probable | done: done | queued: waits in line | running: running | failed: failed | deleted: deleted | expired: expired
	registered: registered tier | controlled: controlled tier | standard: as it is
	female: female | male: male | other: another | unknown: not known
	open: open | closed: not open | not given: not given
`)

// codes reads lines of "code: words", several of them apart by |.
func codes(text string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\n", "|"), "|") {
		if code, meaning, ok := strings.Cut(strings.TrimSpace(part), ": "); ok {
			out[code] = meaning
		}
	}
	return out
}
