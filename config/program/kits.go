package program

import (
	"fmt"
	"regexp"
	"slices"
)

var (
	tubePattern   = regexp.MustCompile(`^[A-Z0-9]{1,8}$`)
	volumePattern = regexp.MustCompile(`^\d{1,3}(\.\d)?$`)
)

// Biosamples is who gives which samples, and how they are kept.
type Biosamples struct {
	Version string `yaml:"version"`
	Kits    []Kit  `yaml:"kits"`
}

// Kit is what is taken of a person at once.
type Kit struct {
	ID        string          `yaml:"id"`
	Title     Text            `yaml:"title"`
	Why       Text            `yaml:"why"` // for participants
	Code      string          `yaml:"code"`
	Display   string          `yaml:"display"` // SNOMED CT's name of the code
	Asks      Asks            `yaml:"asks"`
	InsteadOf string          `yaml:"instead_of"` // another kit: taken only where that one is not possible
	Reasons   []KitReason     `yaml:"reasons"`    // why it was not possible
	Tubes     []Tube          `yaml:"tubes"`
	Steps     map[string]Text `yaml:"steps"` // for staff: what to do when it is collected and processed
}

// Asks is the rule by which somebody is asked for a kit.
type Asks struct {
	Share  int      `yaml:"share"`   // of a hundred people; who they are does not change
	MinAge int      `yaml:"min_age"` // completed years
	Sites  []string `yaml:"sites"`   // only at these; none: at all
	Except []string `yaml:"except"`  // circumstances in which it is not taken: pregnant
}

// KitReason is why a kit stands in for another.
type KitReason struct {
	ID   string `yaml:"id"`
	Text Text   `yaml:"text"`
}

// Tube is one container of a kit.
type Tube struct {
	ID       string `yaml:"id"` // letters and digits: it stands on the label
	Title    Text   `yaml:"title"`
	Code     string `yaml:"code"` // of the specimen, SNOMED CT
	Display  string `yaml:"display"`
	Volume   string `yaml:"volume"` // in mL
	Additive string `yaml:"additive"`
}

// Kit finds a kit by its id.
func (b *Biosamples) Kit(id string) (Kit, bool) {
	i := slices.IndexFunc(b.Kits, func(k Kit) bool { return k.ID == id })
	if i < 0 {
		return Kit{}, false
	}
	return b.Kits[i], true
}

func (f *faults) biosamples(s *Study) {
	seen := map[string]bool{}
	f.unless(s.Biosamples.Version != "", "kits: version is needed")
	for _, k := range s.Biosamples.Kits {
		place := "kits: " + k.ID
		f.unless(idPattern.MatchString(k.ID) && !seen[k.ID], "%s: ids must be distinct FHIR ids", place)
		f.unless(k.InsteadOf == "" || seen[k.InsteadOf], "%s: instead_of must name a kit that comes before", place)
		f.unless(k.InsteadOf == "" || len(k.Reasons) > 0, "%s: what stands in for another needs reasons", place)
		seen[k.ID] = true
		f.kit(place, k, s)
	}
}

func (f *faults) kit(place string, k Kit, s *Study) {
	f.text(place+": title", k.Title, s.Languages)
	f.text(place+": why", k.Why, s.Languages)
	f.unless(k.Code != "" && k.Display != "" && len(k.Tubes) > 0, "%s: code, display and tubes are needed", place)
	f.unless(k.InsteadOf != "" || k.Asks.Share >= 1 && k.Asks.Share <= 100, "%s: asks: share is 1 to 100", place)
	for _, id := range k.Asks.Sites {
		_, known := s.Site(id)
		f.unless(known, "%s: asks: no site %q", place, id)
	}
	for _, r := range k.Reasons {
		f.unless(r.ID != "", "%s: a reason has no id", place)
		f.text(place+": reason "+r.ID, r.Text, s.Languages)
	}
	for step, t := range k.Steps {
		f.unless(step == "collected" || step == "processed", "%s: steps: collected and processed, not %q", place, step)
		f.text(place+": steps: "+step, t, s.Languages)
	}
	f.tubes(place, k.Tubes, s.Languages)
}

func (f *faults) tubes(place string, tubes []Tube, languages []string) {
	seen := map[string]bool{}
	for _, t := range tubes {
		place := fmt.Sprintf("%s: tube %s", place, t.ID)
		f.unless(tubePattern.MatchString(t.ID) && !seen[t.ID], "%s: ids must be distinct, of up to 8 capital letters and digits", place)
		seen[t.ID] = true
		f.unless(t.Code != "" && t.Display != "" && volumePattern.MatchString(t.Volume), "%s: code, display and volume are needed", place)
		f.text(place+": title", t.Title, languages)
	}
}
