package visit

import (
	"encoding/json"
	"slices"
	"time"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/store"
)

// OpeningExtension is on the Schedule of a center that has changed its hours.
// Without it, those of the study's data count.
const OpeningExtension = "https://tributary.example/fhir/StructureDefinition/opening"

// Opening is when a center sees people, and how many at once.
type Opening struct {
	Hours    []study.Hours
	Minutes  int // of one visit
	Capacity int // people at the same time
	Closed   []Closure
}

// Closure is some days on which a center is closed, both ends included.
type Closure struct {
	From, To string // YYYY-MM-DD
	Reason   string
}

// openingOf is the Opening that the study's data gives a site.
func openingOf(site study.Site) Opening {
	return Opening{Hours: site.Hours, Minutes: site.SlotMinutes, Capacity: site.Places()}
}

// starts are the visits that begin within [from, to), in the site's time zone.
func (o Opening) starts(site study.Site, from, to time.Time) ([]time.Time, error) {
	site.Hours, site.SlotMinutes = o.Hours, o.Minutes
	all, err := site.Slots(from, to)
	return slices.DeleteFunc(all, func(at time.Time) bool { return o.closedOn(at.Format(time.DateOnly)) }), err
}

func (o Opening) closedOn(day string) bool {
	return slices.ContainsFunc(o.Closed, func(c Closure) bool { return c.From <= day && day <= c.To })
}

// part is an extension as far as an Opening has them.
type part struct {
	URL          string `json:"url"`
	Extension    []part `json:"extension,omitempty"`
	ValueCode    string `json:"valueCode,omitempty"`
	ValueTime    string `json:"valueTime,omitempty"`
	ValueString  string `json:"valueString,omitempty"`
	ValueInteger int    `json:"valueInteger,omitempty"`
	ValueDate    string `json:"valueDate,omitempty"`
}

// extension is the Opening on a Schedule.
func (o Opening) extension() part {
	e := part{URL: OpeningExtension, Extension: []part{{URL: "minutes", ValueInteger: o.Minutes}, {URL: "capacity", ValueInteger: o.Capacity}}}
	for _, h := range o.Hours {
		hours := part{URL: "hours", Extension: []part{{URL: "from", ValueTime: h.From + ":00"}, {URL: "to", ValueTime: h.To + ":00"}}}
		for _, day := range h.Days {
			hours.Extension = append(hours.Extension, part{URL: "day", ValueCode: day})
		}
		e.Extension = append(e.Extension, hours)
	}
	for _, c := range o.Closed {
		closed := part{URL: "closed", Extension: []part{{URL: "from", ValueDate: c.From}, {URL: "to", ValueDate: c.To}}}
		if c.Reason != "" {
			closed.Extension = append(closed.Extension, part{URL: "reason", ValueString: c.Reason})
		}
		e.Extension = append(e.Extension, closed)
	}
	return e
}

// readOpening reads the Opening of a Schedule; found is false where the center
// has changed nothing.
func readOpening(r store.Resource) (o Opening, found bool, err error) {
	var body struct{ Extension []part }
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return o, false, err
	}
	for _, e := range body.Extension {
		if e.URL == OpeningExtension {
			o.read(e)
			return o, true, nil
		}
	}
	return o, false, nil
}

func (o *Opening) read(e part) {
	for _, p := range e.Extension {
		switch p.URL {
		case "minutes":
			o.Minutes = p.ValueInteger
		case "capacity":
			o.Capacity = p.ValueInteger
		case "hours":
			o.Hours = append(o.Hours, readHours(p))
		case "closed":
			o.Closed = append(o.Closed, readClosure(p))
		}
	}
}

func readHours(e part) (h study.Hours) {
	for _, p := range e.Extension {
		switch p.URL {
		case "from":
			h.From = p.ValueTime[:len("15:04")]
		case "to":
			h.To = p.ValueTime[:len("15:04")]
		case "day":
			h.Days = append(h.Days, p.ValueCode)
		}
	}
	return h
}

func readClosure(e part) (c Closure) {
	for _, p := range e.Extension {
		switch p.URL {
		case "from":
			c.From = p.ValueDate
		case "to":
			c.To = p.ValueDate
		case "reason":
			c.Reason = p.ValueString
		}
	}
	return c
}

// scheduleOf is the site's Schedule, with the Opening where there is one of its own.
func scheduleOf(site string, own *Opening) compose.Object {
	res := compose.Object{"resourceType": "Schedule", "id": site, "active": true, "actor": compose.List{compose.Reference("Location", site)}}
	if own != nil {
		res["extension"] = compose.List{own.extension()}
	}
	return res
}
