package main

import "strings"

type codeSystem struct {
	URL, Version, Name, Title string
	CaseSensitive             bool
	HierarchyMeaning          string
	Content                   string
	Concept                   []concept
}

type concept struct {
	Code, Display string
	Property      []struct {
		Code, ValueCode string
		ValueBoolean    bool
	}
	Concept []concept
}

// ours: HL7's own, complete; a url with a version in it is no canonical.
func (s *codeSystem) ours() bool {
	own := strings.HasPrefix(s.URL, "http://hl7.org/fhir/") || strings.HasPrefix(s.URL, "http://terminology.hl7.org/CodeSystem/")
	return own && s.Content == "complete" && !strings.Contains(s.URL, "|") && !strings.Contains(s.URL, "example")
}

func (s *codeSystem) write(b *strings.Builder) {
	flags := ""
	if s.CaseSensitive {
		flags = "c"
	}
	if s.HierarchyMeaning == "part-of" || s.HierarchyMeaning == "grouped-by" {
		flags += "l"
	}
	line(b, "S", s.URL, s.Version, s.Name, s.Title, flags)
	parents := map[string][]string{}
	s.further(s.Concept, parents)
	write(b, s.Concept, 1, parents)
}

// further collects the parents that are told by the property child of the other end.
func (s *codeSystem) further(list []concept, parents map[string][]string) {
	for _, c := range list {
		for _, p := range c.Property {
			if p.Code == "child" {
				parents[p.ValueCode] = append(parents[p.ValueCode], c.Code)
			}
		}
		s.further(c.Concept, parents)
	}
}

func write(b *strings.Builder, list []concept, depth int, parents map[string][]string) {
	for _, c := range list {
		if c.Code != strings.Join(strings.Fields(c.Code), " ") {
			continue // no code by R4's own rule: it begins or ends with a space
		}
		b.WriteString(strings.Repeat(" ", depth))
		line(b, c.Code, c.Display, strings.Join(c.marks(parents[c.Code]), " "))
		write(b, c.Concept, depth+1, parents)
	}
}

func (c *concept) marks(parents []string) (marks []string) {
	var abstract, inactive bool
	for _, p := range c.Property {
		abstract = abstract || p.Code == "notSelectable" && p.ValueBoolean || p.Code == "abstract" && p.ValueBoolean
		inactive = inactive || p.Code == "status" && (p.ValueCode == "retired" || p.ValueCode == "inactive") ||
			p.Code == "inactive" && p.ValueBoolean
	}
	if abstract {
		marks = append(marks, "a")
	}
	if inactive {
		marks = append(marks, "i")
	}
	for _, p := range parents {
		marks = append(marks, "<"+p)
	}
	return marks
}
