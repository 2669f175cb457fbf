package program

import (
	"io/fs"
	"slices"
	"time"
)

// Study is one research program, complete and checked.
type Study struct {
	ID            string   `yaml:"id"`        // also the id of the ResearchStudy resource
	Languages     []string `yaml:"languages"` // BCP 47; the first is shown where a browser asks for none of them
	Title         Text     `yaml:"title"`
	Sponsor       string   `yaml:"sponsor"`
	Summary       Text     `yaml:"summary"`
	Cohort        string   `yaml:"cohort"`          // id of the Group resource that exports name
	AgeOfMajority int      `yaml:"age_of_majority"` // completed years of life
	Contact       Contact  `yaml:"contact"`
	Purposes      []string `yaml:"purposes"` // v3 PurposeOfUse codes that the research consent permits
	Proxies       bool     `yaml:"proxies"`  // people without capacity take part through a proxy
	Area          []Place  `yaml:"area"`     // where people live who can take part; none: anywhere

	Consents   []Consent  `yaml:"-"` // in the order in which they are asked for
	Surveys    []Survey   `yaml:"-"`
	Protocol   Protocol   `yaml:"-"`
	Sites      []Site     `yaml:"-"`
	Visits     Visits     `yaml:"-"`
	Biosamples Biosamples `yaml:"-"`
	Outreach   Outreach   `yaml:"-"`
	Videos     fs.FS      `yaml:"-"` // the films of the modules, see Video

	Eligibility Eligibility `yaml:"-"`

	films map[string]Video // by VideoName
}

// Contact is whom participants ask.
type Contact struct {
	Phone string `yaml:"phone"`
	Email string `yaml:"email"`
}

// Place is a state or territory.
type Place struct {
	Code string `yaml:"code"` // as in Address.state
	Name Text   `yaml:"name"`
}

// Admits reports whether somebody who lives there can take part.
func (s *Study) Admits(state string) bool {
	return len(s.Area) == 0 || slices.ContainsFunc(s.Area, func(p Place) bool { return p.Code == state })
}

// Adult reports whether someone born on the date is of age on the day: a
// birthday of 29 February is reached on 1 March of a common year.
func (s *Study) Adult(born, on time.Time) bool {
	return !on.Before(born.AddDate(s.AgeOfMajority, 0, 0))
}

// Survey finds a survey by its id.
func (s *Study) Survey(id string) (Survey, bool) {
	for _, v := range s.Surveys {
		if v.ID == id {
			return v, true
		}
	}
	return Survey{}, false
}

// Site finds a site by its id.
func (s *Study) Site(id string) (Site, bool) {
	for _, v := range s.Sites {
		if v.ID == id {
			return v, true
		}
	}
	return Site{}, false
}
