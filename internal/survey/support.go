package survey

import (
	"regexp"
	"slices"
	"strings"
)

// linkPattern is what a linkId consists of, so that it can be a part of a field's name.
var linkPattern = regexp.MustCompile(`^[A-Za-z0-9/_:.\-]{1,100}$`)

// parts are what a field's name may end with, beside the linkId.
var parts = []string{".other", ".unit", ".time", ".drop", ".rows"}

// deepest is how many repeating groups may stand in one another.
const deepest = 2

// rules tell, each, what of an item is not done here; "" when nothing is.
var rules = []func(i *Item) string{
	func(i *Item) string {
		ends := slices.ContainsFunc(parts, func(part string) bool { return strings.HasSuffix(i.LinkID, part) })
		return unless(linkPattern.MatchString(i.LinkID) && !ends, "a linkId of this form is not done here")
	},
	func(i *Item) string {
		known := i.Type == "group" || i.Type == "display" || valueTypes[i.Type] != nil
		return unless(known, "the type "+strings.TrimSpace(i.Type+" is not done here"))
	},
	func(i *Item) string {
		return unless(i.Text[english] != "" || i.Type == "group" || i.Hidden, "there is no text to ask with")
	},
	func(i *Item) string {
		return unless(!i.Chooses() || len(i.Options) > 0 || i.ValueSet != "", "a choice needs answerOption or answerValueSet")
	},
	func(i *Item) string {
		return unless(i.Chooses() || len(i.Options) == 0 && i.ValueSet == "", "answerOption and answerValueSet are done here for choices only")
	},
	func(i *Item) string {
		return unless(len(i.Options) == 0 || i.ValueSet == "", "answerOption and answerValueSet together are not done here")
	},
	func(i *Item) string {
		return unless(!slices.ContainsFunc(i.Options, func(o Option) bool { return o.Key == "" || o.Key == Other }), "an answerOption needs a code, or a text, of its own")
	},
	func(i *Item) string {
		below := slices.ContainsFunc(i.Items, func(b *Item) bool { return !b.Aside })
		return unless(!(i.IsQuestion() && i.Repeats && below), "items below a question that repeats are not done here; put them into a group that repeats")
	},
	func(i *Item) string {
		return unless(i.Type != "display" || len(i.Items) == 0, "items below a display are not done here")
	},
	func(i *Item) string {
		return unless(i.depth <= deepest, "so many repeating groups in one another are not done here")
	},
	func(i *Item) string {
		return unless(i.Calculated == nil || i.IsQuestion() && !i.Repeats && worked[i.Type], "calculatedExpression is not done here for this type of item")
	},
	func(i *Item) string {
		return unless(i.Begins == nil || i.IsQuestion() && worked[i.Type], "initialExpression is not done here for this type of item")
	},
	func(i *Item) string {
		given := i.Calculated != nil || i.Begins != nil || len(i.Initial) > 0
		return unless(!i.Required || !i.IsQuestion() || !i.Hidden && !i.ReadOnly || given, "it is required, and nobody can answer it")
	},
	func(i *Item) string {
		fits := slices.ContainsFunc(i.Initial, func(v Value) bool { return !slices.Contains(valueTypes[i.Type], v.Type) })
		return unless(!fits, "an initial value is of another type")
	},
	func(i *Item) string {
		if i.Type != "reference" {
			return ""
		}
		other := slices.ContainsFunc(i.Targets, func(t string) bool { return t != "Location" && t != "Organization" })
		return unless(len(i.Targets) > 0 && !other, "a reference may name the study's Location or Organization; other targets are not done here")
	},
	func(i *Item) string {
		other := slices.ContainsFunc(i.Media, func(m string) bool { return !slices.Contains(mediaTypes, m) })
		return unless(!other, "a file of another type than "+strings.Join(mediaTypes, ", ")+" is not done here")
	},
}

// mediaTypes are the types of files that are taken.
var mediaTypes = []string{"image/jpeg", "image/png", "application/pdf"}

// worked are the types of items whose value an expression can give.
var worked = words("boolean decimal integer date dateTime time string text url choice quantity")

func unless(ok bool, complaint string) string {
	if ok {
		return ""
	}
	return complaint
}

func (p *parser) check() {
	for _, i := range p.q.order {
		for _, rule := range rules {
			if complaint := rule(i); complaint != "" {
				p.refuse(i, "%s", complaint)
			}
		}
		if _, contained := p.q.sets[i.ValueSet]; strings.HasPrefix(i.ValueSet, "#") && !contained {
			p.refuse(i, "answerValueSet %s is not contained", i.ValueSet)
		}
	}
	if len(p.faults) == 0 {
		p.tryExpressions()
	}
}

// Untranslated names the items that say something in English and nothing in a
// language; the title is one of them.
func (q *Questionnaire) Untranslated(lang string) (links []string) {
	lacks := func(t Text) bool { return t[english] != "" && t[lang] == "" }
	if lacks(q.Title) || lacks(q.Description) {
		links = append(links, "title")
	}
	for _, i := range q.order {
		option := slices.ContainsFunc(i.Options, func(o Option) bool { return o.Value.Type != "Integer" && lacks(o.Label) })
		unit := slices.ContainsFunc(i.Units, func(c Coding) bool { return c.Display != c.Code && lacks(c.Label) })
		if lacks(i.Text) || lacks(i.Prefix) && i.Prefix[english] != "" || option || unit || lacks(i.Format) {
			links = append(links, i.LinkID)
		}
	}
	return links
}
