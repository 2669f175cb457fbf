package main

import "strings"

type valueSet struct {
	URL, Version, Name, Title string
	Compose                   struct {
		Inactive *bool
		Include  []part
		Exclude  []part
	}
}

type part struct {
	System, Version string
	Concept         []struct{ Code, Display string }
	Filter          []struct{ Property, Op, Value string }
	ValueSet        []string
}

// closed are the value sets that draw on known code systems only, and on each other.
func closed(sets []valueSet, known map[string]bool) (list []valueSet) {
	in := map[string]bool{}
	for again := true; again; {
		again = false
		for i := range sets {
			v := &sets[i]
			if !in[v.URL] && v.from(known, in) {
				in[v.URL], again = true, true
			}
		}
	}
	for _, v := range sets {
		if in[v.URL] {
			list = append(list, v)
		}
	}
	return list
}

func (v *valueSet) from(known, sets map[string]bool) bool {
	parts := append(append([]part(nil), v.Compose.Include...), v.Compose.Exclude...)
	for _, p := range parts {
		if p.System != "" && !known[p.System] {
			return false
		}
		for _, set := range p.ValueSet {
			if url, _, _ := strings.Cut(set, "|"); !sets[url] {
				return false
			}
		}
	}
	return len(v.Compose.Include) > 0 && !strings.Contains(v.URL, "example")
}

func (v *valueSet) write(b *strings.Builder) {
	flags := ""
	if v.Compose.Inactive != nil && !*v.Compose.Inactive {
		flags = "a"
	}
	line(b, "V", v.URL, v.Version, v.Name, v.Title, flags)
	for _, p := range v.Compose.Include {
		p.write(b, "+")
	}
	for _, p := range v.Compose.Exclude {
		p.write(b, "-")
	}
}

func (p *part) write(b *strings.Builder, sign string) {
	system := p.System
	if p.Version != "" {
		system += "|" + p.Version
	}
	line(b, sign+system)
	for _, c := range p.Concept {
		b.WriteByte(' ')
		line(b, c.Code, c.Display)
	}
	for _, f := range p.Filter {
		line(b, "="+f.Property, f.Op, f.Value)
	}
	for _, set := range p.ValueSet {
		line(b, "@"+set)
	}
}
