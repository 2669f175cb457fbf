package program

// Protocol is how physical measurements are taken, and what is told of them.
type Protocol struct {
	Version  string    `yaml:"version"`
	Measures []Measure `yaml:"measures"`
	Panels   []Panel   `yaml:"panels"`
	Derived  []Derived `yaml:"derived"`
	// Alerts are the tiers of findings that staff act on, the gravest first.
	Alerts []Alert `yaml:"alerts"`
	// Meanings say to participants what their values mean.
	Meanings []Meaning `yaml:"meanings"`
}

// Measure is one quantity: its code, its unit and what is plausible. More than
// one reading means that each is kept and that the mean of those after the
// first one counts.
type Measure struct {
	ID       string   `yaml:"id"`
	Title    Text     `yaml:"title"`
	How      Text     `yaml:"how"`     // for staff: how it is taken
	Code     string   `yaml:"code"`    // LOINC
	Display  string   `yaml:"display"` // LOINC's name of the code
	Unit     string   `yaml:"unit"`    // UCUM
	Decimals int      `yaml:"decimals"`
	Readings int      `yaml:"readings"`
	Min      float64  `yaml:"min"`
	Max      float64  `yaml:"max"`
	SkipIf   []string `yaml:"skip_if"` // circumstances in which it is not taken
}

// Panel is an Observation whose components are measures read together.
type Panel struct {
	ID       string   `yaml:"id"`
	Title    Text     `yaml:"title"`
	Code     string   `yaml:"code"`
	Display  string   `yaml:"display"`
	Measures []string `yaml:"measures"`
}

// Derived is computed: weight in kg over the square of height in m.
type Derived struct {
	ID      string `yaml:"id"`
	Title   Text   `yaml:"title"`
	Code    string `yaml:"code"`
	Display string `yaml:"display"`
	Unit    string `yaml:"unit"`
	Formula string `yaml:"formula"` // body-mass-index
}

// Limit is passed by a value above or below it; the limit itself is within.
type Limit struct {
	Measure string   `yaml:"measure"` // of a measure or of what is derived
	Above   *float64 `yaml:"above"`
	Below   *float64 `yaml:"below"`
}

// Passed reports whether the value lies beyond the limit.
func (l Limit) Passed(value float64) bool {
	return l.Above != nil && value > *l.Above || l.Below != nil && value < *l.Below
}

// Alert is a tier: any of its limits, passed by two readings in a row.
type Alert struct {
	ID       string  `yaml:"id"`
	Title    Text    `yaml:"title"`
	When     []Limit `yaml:"when"`
	Symptoms bool    `yaml:"symptoms"` // counts only with symptoms
	Do       []Text  `yaml:"do"`       // what staff do, step by step
}

// Meaning says what the values of a measure, panel or derived quantity mean: the
// first level of which any limit is passed counts; one without limits always does.
type Meaning struct {
	Of     string  `yaml:"of"`
	Levels []Level `yaml:"levels"`
}

// Level is one answer of a Meaning.
type Level struct {
	When []Limit `yaml:"when"`
	Tone string  `yaml:"tone"` // usual, look, care: how it is shown
	Text Text    `yaml:"text"`
}

// Measure finds a measure by its id.
func (p *Protocol) Measure(id string) (Measure, bool) {
	for _, m := range p.Measures {
		if m.ID == id {
			return m, true
		}
	}
	return Measure{}, false
}

// Meaning finds what is told of a quantity, by its id.
func (p *Protocol) Meaning(of string) (Meaning, bool) {
	for _, m := range p.Meanings {
		if m.Of == of {
			return m, true
		}
	}
	return Meaning{}, false
}
