package program

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Outreach is how the study speaks with people outside of its own steps: what it
// writes about, which other research it invites to, and by which groups it looks at
// whether it reaches everybody.
type Outreach struct {
	Topics  []Topic
	Studies []OtherStudy
	Groups  []Grouping
	Funnel  []FunnelStep
}

// FunnelStep is a step of the way into the study that is counted, by the milestone
// that it reaches; the first, the account, has none.
type FunnelStep struct {
	Milestone string `yaml:"milestone"`
	Title     Text   `yaml:"title"`
}

// Topic is something that the study writes to people about.
type Topic struct {
	ID    string `yaml:"id"`
	Title Text   `yaml:"title"`
	About Text   `yaml:"about"` // what comes under it, for whoever chooses their mails
	Mail  Mail   `yaml:"mail"`
}

// Mail says whether a mail tells of news on a topic.
type Mail string

// The ways of mail: always cannot be turned off, the others are where a person
// has not chosen.
const (
	MailAlways Mail = "always"
	MailOn     Mail = "on"
	MailOff    Mail = "off"
)

// OtherStudy is research beside the study, to which people are invited.
type OtherStudy struct {
	ID       string   `yaml:"id"` // also the id of its ResearchStudy
	Title    Text     `yaml:"title"`
	Sponsor  string   `yaml:"sponsor"`
	What     Text     `yaml:"what"` // what one would do
	Why      Text     `yaml:"why"`
	Who      Text     `yaml:"who"` // whom it looks for
	HowLong  Text     `yaml:"how_long"`
	Risks    Text     `yaml:"risks"`
	Contact  Contact  `yaml:"contact"`
	Purposes []string `yaml:"purposes"` // v3 PurposeOfUse; outside of the research consent's nobody is invited
	Closed   bool     `yaml:"closed"`   // no one is invited, and no one says yes, any more
}

// Topic finds a topic by its id.
func (o Outreach) Topic(id string) (Topic, bool) {
	i := slices.IndexFunc(o.Topics, func(t Topic) bool { return t.ID == id })
	if i < 0 {
		return Topic{}, false
	}
	return o.Topics[i], true
}

// OtherStudy finds other research by its id.
func (o Outreach) OtherStudy(id string) (OtherStudy, bool) {
	i := slices.IndexFunc(o.Studies, func(s OtherStudy) bool { return s.ID == id })
	if i < 0 {
		return OtherStudy{}, false
	}
	return o.Studies[i], true
}

// readOutreach reads news.yaml, studies.yaml and groups.yaml.
func readOutreach(fsys fs.FS, o *Outreach) error {
	var news struct {
		Topics []Topic `yaml:"topics"`
	}
	var studies struct {
		Studies []OtherStudy `yaml:"studies"`
	}
	var groups struct {
		Funnel []FunnelStep `yaml:"funnel"`
		Groups []Grouping   `yaml:"groups"`
	}
	err := errors.Join(readYAML(fsys, "news.yaml", &news), readYAML(fsys, "studies.yaml", &studies), readYAML(fsys, "groups.yaml", &groups))
	*o = Outreach{Topics: news.Topics, Studies: studies.Studies, Groups: groups.Groups, Funnel: groups.Funnel}
	return err
}

func (f *faults) outreach(s *Study) {
	f.topics(s.Outreach.Topics, s.Languages)
	f.studies(s)
	f.groups(s)
	f.funnel(s)
}

func (f *faults) funnel(s *Study) {
	steps := s.Outreach.Funnel
	f.unless(len(steps) > 1 && steps[0].Milestone == "", "groups: the funnel begins with the account, which has no milestone, and goes on")
	for i, step := range steps {
		known := slices.ContainsFunc(s.Eligibility.Milestones, func(m Milestone) bool { return m.ID == step.Milestone })
		f.unless(i == 0 || known, "groups: funnel: there is no milestone %q", step.Milestone)
		f.text(fmt.Sprintf("groups: funnel: step %d: title", i+1), step.Title, s.Languages)
	}
}

func (f *faults) topics(topics []Topic, languages []string) {
	seen := map[string]bool{}
	f.unless(len(topics) > 0, "news: a study that writes to people has topics")
	for _, t := range topics {
		f.unless(idPattern.MatchString(t.ID) && !seen[t.ID], "news: topic %q: ids must be distinct", t.ID)
		seen[t.ID] = true
		f.text("news: topic "+t.ID+": title", t.Title, languages)
		f.text("news: topic "+t.ID+": about", t.About, languages)
		f.unless(slices.Contains([]Mail{MailAlways, MailOn, MailOff}, t.Mail), "news: topic %s: mail must be always, on or off", t.ID)
	}
}

func (f *faults) studies(s *Study) {
	seen := map[string]bool{s.ID: true}
	for _, o := range s.Outreach.Studies {
		f.unless(idPattern.MatchString(o.ID) && !seen[o.ID], "studies: %q: ids must be distinct FHIR ids, and not the study's own", o.ID)
		seen[o.ID] = true
		f.unless(o.Sponsor != "" && o.Contact.Email != "" && o.Contact.Phone != "", "studies: %s: sponsor and contact are needed", o.ID)
		for part, t := range map[string]Text{"title": o.Title, "what": o.What, "why": o.Why, "who": o.Who, "how_long": o.HowLong, "risks": o.Risks} {
			f.text("studies: "+o.ID+": "+part, t, s.Languages)
		}
		f.unless(len(o.Purposes) > 0, "studies: %s: purposes are needed", o.ID)
		for _, p := range o.Purposes {
			f.unless(slices.Contains(s.Purposes, p), "studies: %s: the research consent does not permit the purpose %s", o.ID, p)
		}
	}
}
