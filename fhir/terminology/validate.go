package terminology

import (
	"context"
	"strings"
)

// Validation is whether a code is valid.
type Validation struct {
	Result  bool
	Message string // why not, or what else is to be said
	Display string // the recommended one
	Coding  Coding // the one that was found valid; its system is known then
}

// ValidateCode tells whether one of the codings is in the value set (R4, operation
// ValueSet-validate-code). A coding without a system is looked for in all systems
// that the value set draws on. Where it cannot be known, the result is false and
// the message says so; Known tells the two apart.
func (s *Service) ValidateCode(ctx context.Context, v *ValueSet, codings []Coding) (Validation, error) {
	out, _, err := s.validate(ctx, v, codings)
	return out, err
}

func (s *Service) validate(ctx context.Context, v *ValueSet, codings []Coding) (Validation, bool, error) {
	out, sure := Validation{Message: "there is no code to be validated"}, true
	for _, c := range codings {
		w := s.walk(ctx)
		found, in, err := w.find(v, c)
		if err != nil {
			return out, false, err
		}
		switch in {
		case yes:
			out, err = w.shown(found, v)
			return out, true, err
		case unknown:
			out.Message, sure = "it cannot be told here: "+w.why.Text, false
		default:
			out.Message = "the code " + quoted(c) + " is not in the value set " + v.URL
		}
	}
	return out, sure, nil
}

func quoted(c Coding) string {
	if c.System == "" {
		return "'" + c.Code + "'"
	}
	return "'" + c.Code + "' of " + c.System
}

// find also finds the system of a code that comes without.
func (w *walk) find(v *ValueSet, c Coding) (Coding, answer, error) {
	if c.System != "" {
		in, err := w.member(v, c)
		return c, in, err
	}
	systems, err := w.systems(v, nil)
	if err != nil {
		return c, no, err
	}
	best := no
	for _, system := range systems {
		one := c
		one.System = system
		in, err := w.member(v, one)
		if err != nil || in == yes {
			return one, in, err
		}
		best = max(best, in)
	}
	return c, best, nil
}

// shown holds the display against those that the code has.
func (w *walk) shown(c Coding, v *ValueSet) (Validation, error) {
	out := Validation{Result: true, Coding: c}
	names := w.namesIn(v, c, nil)
	if err := w.enter(v); err != nil {
		return out, err
	}
	defer w.leave()
	s, err := w.system(c.System)
	if err != nil {
		return out, err
	}
	if s != nil {
		names = append(names, s.names(c.Code)...)
	}
	out.judge(names)
	return out, nil
}

// judge compares the display with the names of the code, the recommended first.
func (v *Validation) judge(names []string) {
	if len(names) == 0 {
		return
	}
	v.Display = names[0]
	if v.Coding.Display == "" {
		return
	}
	for _, name := range names {
		if sameName(name, v.Coding.Display) {
			return
		}
	}
	v.Result = false
	v.Message = "the display of the code " + quoted(v.Coding) + " is '" + v.Display + "'"
}

// sameName compares displays, where neither case nor white space matters.
func sameName(a, b string) bool {
	return strings.EqualFold(a, b) || strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// names are the display of a code and its designations.
func (s *CodeSystem) names(code string) (names []string) {
	c, ok := s.Concept(code)
	if !ok {
		return nil
	}
	if c.Display != "" {
		names = append(names, c.Display)
	}
	for _, d := range c.Designations {
		names = append(names, d.Value)
	}
	return names
}

// namesIn are those that value sets give to a code that they list.
func (w *walk) namesIn(v *ValueSet, c Coding, names []string) []string {
	if w.enter(v) != nil {
		return names
	}
	defer w.leave()
	for i := range v.include {
		p := &v.include[i]
		if at, ok := p.at[c.Code]; ok && p.system == c.System {
			names = p.listed[at].names(names)
		}
		for _, canonical := range p.sets {
			if set, err := w.set(canonical); err == nil {
				names = w.namesIn(set, c, names)
			}
		}
	}
	if at, ok := v.storedAt[codeKey{c.System, c.Code}]; ok && len(names) == 0 {
		names = (&listed{display: v.stored[at].Display, designations: v.stored[at].Designations}).names(names)
	}
	return names
}

func (l *listed) names(names []string) []string {
	if l.display != "" {
		names = append(names, l.display)
	}
	for _, d := range l.designations {
		names = append(names, d.Value)
	}
	return names
}

// ValidateIn tells whether a code is one of the system's (R4, operation
// CodeSystem-validate-code).
func (s *CodeSystem) ValidateIn(codings []Coding) Validation {
	out := Validation{Message: "there is no code of the system " + s.URL}
	for _, c := range codings {
		if c.System != "" && c.System != s.URL {
			continue
		}
		c.System = s.URL
		if _, ok := s.Concept(c.Code); ok {
			out = Validation{Result: true, Coding: c}
			out.judge(s.names(c.Code))
			return out
		}
		if out.Message = "the code " + quoted(c) + " is not known"; !s.Whole() {
			out.Message = "it cannot be told here: of the code system " + s.URL + " only a part is known (content: " + string(s.Content) + ")"
		}
	}
	return out
}

// Judge holds a valid code against two further wishes: that it is not abstract, and
// that its display is told in a language.
func (s *CodeSystem) Judge(v Validation, language string, abstract bool) Validation {
	c, ok := s.Concept(v.Coding.Code)
	if !ok {
		return v
	}
	v.Display = displayIn(language, v.Display, c.Designations)
	if c.Abstract && !abstract {
		v.Result, v.Message = false, "the code "+quoted(v.Coding)+" is abstract: it only groups others"
	}
	return v
}

// Member tells whether a code is in a value set, and whether that is known here.
// Without a system the code may be of any that the value set draws on.
func (s *Service) Member(ctx context.Context, valueSet string, c Coding) (member, known bool, err error) {
	v, err := s.From.ValueSet(ctx, valueSet)
	if err != nil || v == nil {
		return false, false, err
	}
	_, in, err := s.walk(ctx).find(v, c)
	return in == yes, in != unknown && err == nil, forgive(err)
}

// Missing says what is not here, for want of which Member cannot know, by the names that
// definitions give it; "" where that is the value set itself, or cannot be said without
// the code.
func (s *Service) Missing(ctx context.Context, valueSet string, c Coding) string {
	v, err := s.From.ValueSet(ctx, valueSet)
	if err != nil || v == nil {
		return ""
	}
	w := s.walk(ctx)
	_, in, err := w.find(v, c)
	why := w.why
	if f, isFault := err.(*Fault); isFault {
		why = f
	}
	if err == nil && in != unknown || why == nil || c.Code != "" && strings.Contains(why.Text, c.Code) {
		return ""
	}
	return why.Text
}

// forgive takes a fault for something that is not known.
func forgive(err error) error {
	if _, ok := err.(*Fault); ok {
		return nil
	}
	return err
}
