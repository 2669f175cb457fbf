package apps

import (
	"maps"
	"slices"
	"strings"
)

// Grant is what of the request stays when the kept keys do, spelled as it was asked
// for where all of it does. What only says where an app was opened stays with
// anything else. A key may also be a scope of the request itself.
func (a *Ask) Grant(kept map[string]bool) []string {
	var out []string
	for _, n := range a.nodes {
		out = n.grant(kept, out)
	}
	resources := len(out) > 0
	for _, word := range a.words {
		if key, known := others[word]; known && (kept[key] || kept[word]) {
			out = append(out, word)
		}
	}
	if !resources && !slices.Contains(out, "openid") {
		return nil // nothing that an app could use
	}
	for _, word := range a.words {
		if _, known := others[word]; !known {
			out = append(out, word)
		}
	}
	return out
}

func (n *node) grant(kept map[string]bool, out []string) []string {
	switch {
	case n.whole(kept):
		return n.add(out)
	case n.key != "":
		return out
	}
	for _, p := range n.parts {
		out = p.grant(kept, out)
	}
	return out
}

func (n *node) add(out []string) []string {
	for _, word := range strings.Fields(n.text) {
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

func (n *node) whole(kept map[string]bool) bool {
	if kept[n.text] || n.key != "" {
		return kept[n.text] || kept[n.key]
	}
	return !slices.ContainsFunc(n.parts, func(p *node) bool { return !p.whole(kept) })
}

// Memory is an earlier answer: what was asked, and what of that was given.
type Memory struct{ asked, given *Ask }

// Remember reads an earlier answer; both are scopes as in a request.
func Remember(asked, granted string) Memory {
	return Memory{Of(strings.Fields(asked)), Of(strings.Fields(granted))}
}

// New are the keys that were not asked for before. Where an app asks for the whole
// of what it asked for in parts, all of the parts are.
func (m Memory) New(a *Ask) map[string]bool {
	fresh, before := a.Keys(), m.asked.Keys()
	maps.DeleteFunc(fresh, func(key string, _ bool) bool { return before[key] })
	if len(fresh) == 0 {
		for key := range a.wholes {
			if !m.asked.wholes[key] {
				return a.Keys()
			}
		}
	}
	return fresh
}

// Kept are the keys of what is asked that were given before.
func (m Memory) Kept(a *Ask) map[string]bool {
	kept, given := a.Keys(), m.given.Keys()
	maps.DeleteFunc(kept, func(key string, _ bool) bool { return !given[key] })
	return kept
}

// With adds another answer: all that was ever asked for, and what of it is given now.
func (m Memory) With(asked, granted []string) (allAsked, allGranted string) {
	join := func(before *Ask, now []string) string {
		words := slices.Clone(now)
		for _, w := range before.texts() {
			if !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
		return strings.Join(words, " ")
	}
	now, given := Of(asked).Keys(), m.given.Keys()
	maps.DeleteFunc(given, func(key string, _ bool) bool { return now[key] }) // answered anew
	return join(m.asked, asked), strings.Join(slices.Concat(granted, without(m.given.Grant(given), granted)), " ")
}

func without(words, known []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(known, w) })
}

func (a *Ask) texts() (out []string) {
	for _, n := range a.nodes {
		out = append(out, n.text)
	}
	return append(out, a.words...)
}
