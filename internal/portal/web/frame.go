package web

import "strings"

// In is the view in the visitor's language, for code that puts texts of its page
// together before the page is shown.
func (s *Site) In(c *Call, v View) View {
	v.Lang, v.room, v.spanish = s.Language(c), s.pages[v.Name].spanish, s.spanish
	return v
}

// frame sets what is round the page: the study, the menu, the language.
func (s *Site) frame(c *Call, v View) (View, error) {
	v = s.In(c, v)
	v.Here = c.Here()
	v.Title = v.T(v.Title)
	v.Study, v.Contact, v.Phone, v.Now = s.Study.Title.In(v.Lang), s.Study.Contact.Email, s.Study.Contact.Phone, s.Now()
	v.Nav, v.Role = c.menu(v.Outside)
	name := v.Nav
	if v.Role != "" {
		name = v.Role
	}
	var err error
	if v.Menu, err = s.places(c, name); err != nil || !c.Acting() || v.Nav != OfParticipants {
		return v, err
	}
	person, err := s.People.Person(c.Ctx(), c.Patient())
	v.Acting = person.Name()
	return v, err
}

// menu is whose menu the visitor sees, and the role of staff: none on the way in.
func (c *Call) menu(outside bool) (nav, role string) {
	switch d := c.Session; {
	case outside:
		return "staff", ""
	case d.Patient == "" && d.Role != "":
		return "staff", d.Role
	case d.Patient != "" && !d.SecondFactorAt.IsZero():
		return OfParticipants, ""
	case d.Account != "" || d.Values[KeyPending] != "":
		return "none", ""
	}
	return "", ""
}

// places are the entries of a menu as they stand for the visitor.
func (s *Site) places(c *Call, menu string) ([]Place, error) {
	var out []Place
	nearest := s.nearest(c, menu)
	for _, e := range s.menus[menu] {
		p := Place{Path: e.Path, Text: e.Text, Here: e.Path == nearest}
		if e.Count != nil {
			n, err := e.Count(c.Ctx(), c.Patient())
			if err != nil {
				return nil, err
			}
			p.Count = n
		}
		out = append(out, p)
	}
	return out, nil
}

// nearest is the path of the entry that the page belongs to: of those that it is under,
// the longest, so that no more than one is marked; "" when there is none.
func (s *Site) nearest(c *Call, menu string) (path string) {
	for _, e := range s.menus[menu] {
		if c.under(e.Path) && len(e.Path) > len(path) {
			path = e.Path
		}
	}
	return path
}

// Waiting is how many things wait in all of the menu.
func (v View) Waiting() (n int) {
	for _, p := range v.Menu {
		n += p.Count
	}
	return n
}

// under reports whether the page is the entry's or one below it.
func (c *Call) under(path string) bool {
	here := c.R.URL.Path
	return here == path || strings.HasPrefix(here, path+"/")
}
