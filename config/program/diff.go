package program

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Difference is one thing that another version of a program does otherwise, and
// what that means for those who take part.
type Difference struct {
	Place string // the file, and what in it
	What  string
	Means string
	Wrong bool // it cannot be done so
}

// String is the difference as a line.
func (d Difference) String() string {
	mark := ""
	if d.Wrong {
		mark = "NOT POSSIBLE: "
	}
	return fmt.Sprintf("%s: %s. %s%s", d.Place, d.What, mark, d.Means)
}

// Diff tells what changes where a program is replaced by another version of it,
// and last for how many kinds of consent people are asked again.
func Diff(before, after *Study) []Difference {
	var d differences
	d.study(before, after)
	again := d.consents(before, after)
	d.surveys(before, after)
	d.rules(&before.Eligibility, &after.Eligibility)
	d.parts(before, after)
	if len(again) > 0 {
		d.add("consents", fmt.Sprintf("re-consent is asked for %d of %d kinds: %s", len(again), len(after.Consents), strings.Join(again, ", ")),
			"Who signed an older text is asked on the home page.")
	}
	return d
}

type differences []Difference

func (d *differences) add(place, what, means string) {
	*d = append(*d, Difference{Place: place, What: what, Means: means})
}

func (d *differences) wrong(place, what, means string) {
	*d = append(*d, Difference{Place: place, What: what, Means: means, Wrong: true})
}

func (d *differences) study(before, after *Study) {
	const place = "study.yaml"
	if before.ID != after.ID || before.Cohort != after.Cohort {
		d.wrong(place, "id or cohort is another", "This is another study; it needs a database of its own.")
	}
	for _, c := range []struct {
		name     string
		old, new any
		means    string
	}{
		{"age_of_majority", before.AgeOfMajority, after.AgeOfMajority, "It counts for those who join from now on."},
		{"area", before.Area, after.Area, "It counts for those who join from now on; who takes part stays."},
		{"proxies", before.Proxies, after.Proxies, "Who acts for others keeps or loses the door at once."},
		{"purposes", before.Purposes, after.Purposes, "New signatures permit these purposes; older ones what was signed."},
		{"languages", before.Languages, after.Languages, "Pages and texts are offered in these."},
		{"title, summary, sponsor or contact", []any{before.Title, before.Summary, before.Sponsor, before.Contact}, []any{after.Title, after.Summary, after.Sponsor, after.Contact}, "Pages and mails say it from the next start."},
	} {
		if !same(c.old, c.new) {
			d.add(place, c.name+" changed", c.means)
		}
	}
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// consents returns the kinds that people are asked for again.
func (d *differences) consents(before, after *Study) (again []string) {
	for _, old := range before.Consents {
		if _, ok := after.Consent(old.Kind); !ok {
			d.wrong("consents/"+old.Kind, "the kind is gone", "Signatures on it would have no text any more; keep the folder.")
		}
	}
	for i := range after.Consents {
		kind := &after.Consents[i]
		place := "consents/" + kind.Kind
		old, ok := before.Consent(kind.Kind)
		if !ok {
			d.add(place, "a new kind", "Everybody can be asked for it.")
			continue
		}
		if d.documents(place, old, kind) {
			again = append(again, kind.Kind)
		}
		if !same(withoutTexts(old), withoutTexts(kind)) {
			d.add(place, "kind.yaml changed", "What it governs, requires or is called holds from the next start, for signatures that were given as well.")
		}
	}
	return again
}

func withoutTexts(c *Consent) Consent {
	bare := *c
	bare.Documents = nil
	return bare
}

// documents reports whether a version came with a major change.
func (d *differences) documents(place string, before, after *Consent) (again bool) {
	texts := map[string]*Document{}
	latest := ""
	for i := range before.Documents {
		one := &before.Documents[i]
		texts[one.Version+"."+one.Language] = one
		if compareVersions(one.Version, latest) > 0 {
			latest = one.Version
		}
	}
	for i := range after.Documents {
		one := &after.Documents[i]
		name := one.Version + "." + one.Language
		old, known := texts[name]
		delete(texts, name)
		switch {
		case known && old.Hash() != one.Hash():
			d.wrong(place+"/"+name, "the text of a version changed", "An old signature would appear to be on a new text; give it a version of its own.")
		case known:
		case compareVersions(one.Version, latest) <= 0:
			d.add(place+"/"+name, "a language more", "Nobody is asked again.")
		case one.Change == Major:
			again = true
			d.add(place+"/"+name, "a new version, a major change", fmt.Sprintf("Who signed an older one is asked again from %s on.", one.since()))
		default:
			d.add(place+"/"+name, "a new version, a minor change", "It is shown to who signs from now on; nobody is asked again.")
		}
	}
	for name := range texts {
		d.wrong(place+"/"+name, "the text is gone", "Signatures on it would have no text any more; keep the file.")
	}
	return again
}

func (d *differences) surveys(before, after *Study) {
	for _, old := range before.Surveys {
		if _, ok := after.Survey(old.ID); !ok {
			d.add("surveys/"+old.ID+".json", "the survey is gone", "Nobody is asked any more; answers stay.")
		}
	}
	for _, v := range after.Surveys {
		place := "surveys/" + v.ID + ".json"
		old, ok := before.Survey(v.ID)
		switch {
		case !ok:
			d.add(place, "a new survey", "Everybody who takes part is asked, as surveys.yaml says.")
		case string(old.Body) != string(v.Body) && version(old) == version(v):
			d.add(place, "it changed without a new version", "New answers name the same version as old ones: raise the version if questions or their meaning changed.")
		case string(old.Body) != string(v.Body):
			d.add(place, "version "+version(old)+" becomes "+version(v), "It is asked from now on; old answers stay with the version that they name.")
		}
		if ok && old.Asked != v.Asked {
			d.add("surveys.yaml", v.ID+" is asked at other times", "It counts from the next start, also for those who have answered.")
		}
	}
}

func version(v Survey) string {
	var head struct{ Version string }
	_ = json.Unmarshal(v.Body, &head) // it was read once, when it was loaded
	return head.Version
}

func (d *differences) rules(before, after *Eligibility) {
	const place = "eligibility.yaml"
	d.each(place+": condition ", idsOf(before.Conditions, func(c Condition) string { return c.ID }), idsOf(after.Conditions, func(c Condition) string { return c.ID }),
		"Every step that needs it is open, or not, by the new rule at once.")
	d.each(place+": step ", idsOf(before.Steps, func(s Step) string { return s.ID }), idsOf(after.Steps, func(s Step) string { return s.ID }),
		"It is open, or not, by the new rule at once, also to those who were waiting.")
	d.each(place+": milestone ", idsOf(before.Milestones, func(m Milestone) string { return m.ID }), idsOf(after.Milestones, func(m Milestone) string { return m.ID }),
		"Milestones are computed from the events: who reached the old one may not have reached the new one.")
	if !same(before.Always, after.Always) {
		d.add(place+": always", "it changed", "Every step is open, or not, by the new rule at once.")
	}
}

// parts are the rest: what stands there is replaced as a whole.
func (d *differences) parts(before, after *Study) {
	d.each("sites.yaml: site ", idsOf(before.Sites, func(s Site) string { return s.ID }), idsOf(after.Sites, func(s Site) string { return s.ID }),
		"Times are offered anew; visits that are booked stay booked.")
	d.each("protocol.yaml: measure ", idsOf(before.Protocol.Measures, func(m Measure) string { return m.ID }), idsOf(after.Protocol.Measures, func(m Measure) string { return m.ID }),
		"Centers take it so from now on; what was measured stays.")
	for _, c := range []struct {
		file     string
		old, new any
		means    string
	}{
		{"protocol.yaml", withoutMeasures(before.Protocol), withoutMeasures(after.Protocol), "Panels, alerts and meanings count from now on."},
		{"visits.yaml", before.Visits, after.Visits, "It counts for visits from now on."},
		{"kits.yaml", before.Biosamples, after.Biosamples, "Orders from now on follow it."},
		{"news.yaml, studies.yaml or groups.yaml", before.Outreach, after.Outreach, "Messages, invitations and figures follow it from now on."},
	} {
		if !same(c.old, c.new) {
			d.add(c.file, "it changed", c.means)
		}
	}
}

func withoutMeasures(p Protocol) Protocol {
	p.Measures = nil
	return p
}

func idsOf[T any](list []T, id func(T) string) map[string]any {
	out := map[string]any{}
	for _, one := range list {
		out[id(one)] = one
	}
	return out
}

// each compares things by their ids.
func (d *differences) each(place string, before, after map[string]any, means string) {
	var ids []string
	for id := range before {
		ids = append(ids, id)
	}
	for id := range after {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		old, was := before[id]
		now, is := after[id]
		switch {
		case !was:
			d.add(place+id, "it is new", means)
		case !is:
			d.add(place+id, "it is gone", means)
		case !same(old, now):
			d.add(place+id, "it changed", means)
		}
	}
}
