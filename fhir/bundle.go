package fhir

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tributary/fhir/tree"
)

// Bundle is a Bundle taken apart into its entries (R4, section 2.36).
type Bundle struct {
	Type    string
	Entries []Entry
	Root    tree.Value
}

// Entry is one Bundle.entry.
type Entry struct {
	FullURL string
	// What Bundle.entry.request says; all empty in a Bundle that is no
	// transaction and no batch.
	Method, URL, IfNoneMatch, IfMatch, IfModifiedSince, IfNoneExist string
	// Resource is nil for an entry without one (GET, DELETE), and for one that
	// has Issues. Its tree is its own: offsets count from the resource's start.
	Resource *Resource
	// Issues is what is wrong with this entry of a batch, whose other entries
	// stand for themselves. Expressions start at the Bundle.
	Issues []Issue
	Node   tree.Value // the entry, in the Bundle's tree
}

// ParseBundle reads a Bundle and validates its entries one by one, over all
// processors. The error is an *Invalid with all that is wrong, places named
// from the Bundle on: Bundle.entry[3].request.url. In a batch the error is for
// what is wrong around the entries only; each entry has its own Issues.
func ParseBundle(src []byte) (*Bundle, error) {
	b, faults, err := splitBundle(src)
	if err != nil {
		return nil, err
	}
	if b.Type == "batch" {
		faults = b.deal(faults)
	}
	return b.settle(faults)
}

// ParseEntries reads a Bundle of any type as ParseBundle reads a batch: each entry
// has its own Issues, so that more can be found out about the others. Of an entry
// with Issues the bytes are still at Node.Get("resource").Raw().
func ParseEntries(src []byte) (*Bundle, error) {
	b, faults, err := splitBundle(src)
	if err != nil {
		return nil, err
	}
	return b.settle(b.deal(faults))
}

func (b *Bundle) settle(faults []placed) (*Bundle, error) {
	if err := invalid(faults); err != nil {
		return nil, err
	}
	return b, nil
}

// splitBundle validates a Bundle's own elements and each resource, and returns
// the faults of all of them. The error is for what is no Bundle at all.
func splitBundle(src []byte) (*Bundle, []placed, error) {
	root, issue := parseTree(src)
	if issue == nil && root.Get("resourceType").Text() != "Bundle" {
		issue = &Issue{"error", "structure", "", "a Bundle is expected"}
	}
	if issue != nil {
		return nil, nil, &Invalid{[]Issue{*issue}}
	}
	b := newBundle(root)
	around, nested := checkUnit(unit{node: root})
	around.add(checkAll(slices.DeleteFunc(nested, unit.ofEntry)))
	apart := make([][]placed, len(b.Entries))
	concurrently(len(b.Entries), func(i int) { apart[i] = b.Entries[i].parse(i) })
	return b, slices.Concat(append(apart, around.placed())...), nil
}

func newBundle(root tree.Value) *Bundle {
	b := &Bundle{Type: root.Get("type").Text(), Root: root}
	if e := root.Get("entry"); e.Kind() == tree.Array {
		b.Entries = make([]Entry, 0, e.Len())
		for node := range e.Elements() {
			b.Entries = append(b.Entries, newEntry(node))
		}
	}
	return b
}

// ofEntry reports whether the unit is the resource of a Bundle's entry.
func (u unit) ofEntry() bool {
	return u.node.Key() == "resource" && u.node.Parent().Parent().Key() == "entry"
}

func newEntry(node tree.Value) Entry {
	request := node.Get("request")
	text := func(name string) string { return request.Get(name).Text() }
	return Entry{
		FullURL: node.Get("fullUrl").Text(), Node: node,
		Method: text("method"), URL: text("url"),
		IfNoneMatch: text("ifNoneMatch"), IfMatch: text("ifMatch"),
		IfModifiedSince: text("ifModifiedSince"), IfNoneExist: text("ifNoneExist"),
	}
}

// parse validates the entry's resource on its own. The faults are named from
// the Bundle on, in which the entry is number i.
func (e *Entry) parse(i int) []placed {
	node := e.Node.Get("resource")
	if node.Kind() != tree.Object {
		return nil
	}
	root := node.Apart()
	found := checkAll([]unit{{node: root}})
	if len(found.faults) == 0 {
		e.Resource = newResource(root, found.refs)
		return nil
	}
	faults := found.placed()
	start, _ := node.Span()
	for j := range faults {
		f := &faults[j]
		_, below, _ := strings.Cut(f.Expression, ".")
		f.Expression = strings.TrimSuffix(fmt.Sprintf("Bundle.entry[%d].resource.%s", i, below), ".")
		f.at += start
	}
	return faults
}

// deal gives each entry the faults inside of it and returns the others.
func (b *Bundle) deal(faults []placed) []placed {
	var rest []placed
	slices.SortStableFunc(faults, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	i := 0
	for _, f := range faults {
		for ; i < len(b.Entries) && b.Entries[i].end() <= f.at; i++ {
		}
		if i < len(b.Entries) && b.Entries[i].begin() <= f.at {
			b.Entries[i].Issues = append(b.Entries[i].Issues, f.Issue)
			b.Entries[i].Resource = nil
			continue
		}
		rest = append(rest, f)
	}
	return rest
}

func (e *Entry) begin() int { start, _ := e.Node.Span(); return start }
func (e *Entry) end() int   { _, end := e.Node.Span(); return end }
