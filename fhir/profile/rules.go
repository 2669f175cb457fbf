package profile

import (
	_ "embed" // the invariants
	"maps"
	"slices"
	"strings"
	"sync"

	"tributary/fhir/model"
	"tributary/fhir/path"
)

//go:embed invariants.txt
var table string

// rules are R4's own invariants: by the type that they are of, and by the element
// where they hold for one use of a type only (Organization.address).
type rules struct {
	types    map[*model.Type][]*invariant
	elements map[*model.Element][]*invariant
	keys     map[string]bool // key and expression
}

// held are the invariants that package fhir holds when it parses.
var held = map[string]string{
	"ext-1": "an extension has a value or extensions",
	"ref-1": "a reference to a contained resource has its target",
	"txt-1": "the elements of a narrative",
	"dom-2": "a contained resource has none of its own",
}

// natively are those whose expression says less than they mean.
var natively = map[string]func(item) bool{
	"txt-2": func(it item) bool { return hasContent(it.node.Text()) },
}

// hasContent tells whether there is text or an image in XHTML.
func hasContent(div string) bool {
	for div != "" {
		text, rest, _ := strings.Cut(div, "<")
		if strings.TrimSpace(text) != "" || strings.HasPrefix(rest, "img") {
			return true
		}
		_, div, _ = strings.Cut(rest, ">")
	}
	return false
}

var loadRules = sync.OnceValue(func() *rules {
	all := &rules{map[*model.Type][]*invariant{}, map[*model.Element][]*invariant{}, map[string]bool{}}
	for line := range strings.Lines(table) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		all.add(f[0], &invariant{key: f[1], warning: f[2] == "warning", text: f[3], human: f[4]})
	}
	return all
})

// Evaluated are the keys of R4's own invariants that Validate evaluates, sorted.
func Evaluated() []string {
	keys := map[string]bool{}
	for _, list := range loadRules().types {
		for _, i := range list {
			keys[i.key] = true
		}
	}
	for _, list := range loadRules().elements {
		for _, i := range list {
			keys[i.key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

func (all *rules) add(at string, i *invariant) {
	all.keys[keyOf(i.key, i.text)] = true
	if held[i.key] != "" || i.key == elementRule {
		return
	}
	if i.native = natively[i.key]; i.native == nil {
		i.expr = path.MustCompile(i.text)
	}
	if t, ok := model.TypeOf(at); ok {
		all.types[t] = append(all.types[t], i)
		return
	}
	cut := strings.LastIndexByte(at, '.')
	if owner, ok := model.TypeOf(at[:cut]); ok {
		if e, ok := owner.Element(strings.TrimSuffix(at[cut+1:], "[x]")); ok {
			all.elements[e] = append(all.elements[e], i)
		}
	}
}

// keyOf joins a key with its expression, less the white space, which publications
// differ in.
func keyOf(key, text string) string { return key + "\t" + strings.Join(strings.Fields(text), "") }

// ofBase tells whether an invariant is one of R4's own, which profiles repeat. The
// ones of Element and Extension come in several spellings.
func ofBase(key, text string) bool {
	return key == elementRule || held[key] != "" || loadRules().keys[keyOf(key, text)]
}

// elementRule (ele-1) is asked of every element, and so not by way of FHIRPath.
const elementRule = "ele-1"
