package profile

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// discriminator tells the items of one slice from those of others. Of a slicing it
// has the kind and path only; each slice has its own with what it expects there.
type discriminator struct {
	kind, path string // value, pattern, exists, type or profile
	expr       *path.Expr
	expect     []tree.Value // all of them must be there
	exact      bool         // as they are, or as patterns
	url        string       // of an extension
	valueSet   string
	present    bool
	types      []string
	profiles   []string
}

// discriminate works out, for each slice below, what tells it from others.
func (c *compiler) discriminate(e *element, kids []*element) {
	for _, k := range kids {
		c.slices(k, k, k.slices)
		c.discriminate(k, k.kids)
	}
}

func (c *compiler) slices(e, owner *element, list []*element) {
	if len(list) == 0 {
		return
	}
	if owner.slicing == nil {
		owner.slicing = c.implied(e)
	}
	for _, s := range list {
		for _, d := range owner.slicing.discriminators {
			if !c.expectation(&d, s, e) {
				owner.slicing.blind = true
				c.note("", "the slice %s of %s cannot be told from others: %s:%s says nothing that is fixed there", s.slice, e.name, d.kind, d.path)
				continue
			}
			s.tells = append(s.tells, d)
		}
		c.discriminate(s, s.kids)
		c.slices(e, s, s.slices)
	}
}

// implied is the slicing that R4 states for extensions and for types of a choice
// (section 5.1.0.14); other slices need one of their own.
func (c *compiler) implied(e *element) *slicing {
	s := &slicing{rules: "open"}
	switch {
	case e.name == "extension" || e.name == "modifierExtension":
		s.discriminators = []discriminator{{kind: "value", path: "url"}}
	case len(e.types) > 1 || e.slicing != nil:
		s.discriminators = []discriminator{{kind: "type", path: "$this"}}
	default:
		s.blind = true
		c.note("", "the slices of %s have no discriminator", e.name)
	}
	if e.slicing != nil {
		s = e.slicing
	}
	return s
}

// expectation fills a discriminator with what a slice says; false when it says nothing.
func (c *compiler) expectation(d *discriminator, s, whole *element) bool {
	if d.path != "$this" {
		var err error
		if d.expr, err = path.Compile(d.path); err != nil {
			return false
		}
	}
	if d.path == "url" && (d.kind == "value" || d.kind == "pattern") {
		if d.url = urlOf(s); d.url != "" {
			return true
		}
	}
	steps := stepsOf(d.path)
	return s.follow(steps, d.takes) || whole.follow(steps, d.takes)
}

// takes fills the discriminator with what an element says; rest are the steps that
// are left where a fixed or pattern value covers them.
func (d *discriminator) takes(at *element, rest []string) bool {
	resolved := strings.HasSuffix(d.path, "resolve()")
	switch d.kind {
	case "value", "pattern":
		return d.values(at, rest)
	case "exists":
		d.present = at.min > 0
		return len(rest) == 0 && (at.min > 0 || at.max == 0)
	case "type":
		d.types = at.typeNames(resolved)
		return len(rest) == 0 && len(d.types) > 0
	case "profile":
		d.profiles = at.allProfiles(resolved)
		return len(rest) == 0 && len(d.profiles) > 0
	}
	return false
}

// urlOf is the url of the extensions in a slice, which the slice's profile, its own
// fixed value or its name may give.
func urlOf(s *element) string {
	if k := s.kid("url"); k != nil && k.fixed.Exists() {
		return k.fixed.Text()
	}
	for _, t := range s.types {
		if t.code == "Extension" && len(t.profiles) == 1 {
			url, _, _ := strings.Cut(t.profiles[0], "|")
			return url
		}
	}
	return ""
}

// isType tells whether a type has the name or derives from it.
func isType(t *model.Type, name string) bool { return t != nil && t.Is(name) }
