package search

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of one _filter: how deep it nests, and how many comparisons it makes.
const (
	maxFilterDepth = 20
	maxComparisons = 100
)

// filterNode is a part of a _filter (R4, section 3.1.3): all, any, the opposite of
// its only part, or a comparison.
type filterNode struct {
	kind  filterKind
	parts []*filterNode
	path  []filterStep
	op    string
	value string // as written, a quoted string without its quotes and escapes
}

type filterKind uint8

const (
	filterAll filterKind = iota
	filterAny
	filterNot
	filterComparison
)

// filterStep is a name of a path, and what the brackets behind it ask.
type filterStep struct {
	name   string
	filter *filterNode
}

// filterText is a filter as it is read.
type filterText struct {
	text        string
	at          int
	comparisons int
}

// filterFault is what is wrong, and where; it repeats nothing of the text.
type filterFault struct {
	at     int
	reason string
}

// parseFilter reads the whole of a filter.
func parseFilter(text string) (node *filterNode, fault *QueryError) {
	f := &filterText{text: text}
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(filterFault)
			if !ok {
				panic(r)
			}
			node, fault = nil, invalid(fmt.Sprintf("at character %d: %s", utf8.RuneCountInString(text[:bad.at])+1, bad.reason))
		}
	}()
	node = f.logical(0)
	if f.space(); f.at < len(f.text) {
		f.fail("and, or, or the end is expected")
	}
	return node, nil
}

func (f *filterText) fail(reason string) { panic(filterFault{f.at, reason}) }

// logical reads parts joined by and and or, which bind alike, from the left.
func (f *filterText) logical(depth int) *filterNode {
	if depth > maxFilterDepth {
		f.fail("the filter nests too deeply")
	}
	left := f.term(depth)
	for {
		kind := filterAll
		switch {
		case f.word("and"):
		case f.word("or"):
			kind = filterAny
		default:
			return left
		}
		right := f.term(depth)
		if left.kind == kind && len(left.parts) > 1 {
			left.parts = append(left.parts, right)
		} else {
			left = &filterNode{kind: kind, parts: []*filterNode{left, right}}
		}
	}
}

// term reads a part in parentheses, its opposite, or a comparison.
func (f *filterText) term(depth int) *filterNode {
	f.space()
	if mark := f.at; f.word("not") {
		if f.space(); f.peek() == '(' {
			return &filterNode{kind: filterNot, parts: []*filterNode{f.group(depth)}}
		}
		f.at = mark
	}
	if f.peek() == '(' {
		return f.group(depth)
	}
	return f.comparison(depth)
}

func (f *filterText) group(depth int) *filterNode {
	f.at++
	inner := f.logical(depth + 1)
	if f.space(); f.peek() != ')' {
		f.fail("a closing parenthesis is expected")
	}
	f.at++
	return &filterNode{kind: filterAll, parts: []*filterNode{inner}}
}

// comparison reads path, operator and value.
func (f *filterText) comparison(depth int) *filterNode {
	if f.comparisons++; f.comparisons > maxComparisons {
		f.fail(fmt.Sprintf("the filter makes more than %d comparisons", maxComparisons))
	}
	n := &filterNode{kind: filterComparison, path: f.path(depth)}
	f.space()
	start := f.at
	if n.op = f.name(); !filterOps[n.op] {
		f.at = start
		f.fail("an operator is expected: " + filterOpList)
	}
	if f.space(); f.peek() == '"' {
		n.value = f.quoted()
	} else {
		n.value = f.bare()
	}
	return n
}

func (f *filterText) path(depth int) []filterStep {
	var steps []filterStep
	for {
		f.space()
		step := filterStep{name: f.name()}
		if step.name == "" {
			f.fail("the name of a search parameter is expected")
		}
		if f.peek() == '[' {
			f.at++
			step.filter = f.logical(depth + 1)
			if f.space(); f.peek() != ']' {
				f.fail("a closing bracket is expected")
			}
			f.at++
		}
		steps = append(steps, step)
		if f.peek() != '.' {
			return steps
		}
		if f.at++; len(steps) > maxChain {
			f.fail("the path has too many steps")
		}
	}
}

const filterNameSigns = "_-:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// name reads a name; a colon names the type that a reference leads to.
func (f *filterText) name() string {
	start := f.at
	for f.at < len(f.text) && strings.IndexByte(filterNameSigns, f.text[f.at]) >= 0 {
		f.at++
	}
	return f.text[start:f.at]
}

// quoted reads a string as in JSON.
func (f *filterText) quoted() string {
	f.at++
	var b strings.Builder
	for f.at < len(f.text) {
		switch c := f.text[f.at]; c {
		case '"':
			f.at++
			return b.String()
		case '\\':
			b.WriteRune(f.escaped())
		default:
			b.WriteByte(c)
			f.at++
		}
	}
	f.fail("a closing quote is expected")
	return ""
}

var jsonEscapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (f *filterText) escaped() rune {
	if f.at+1 < len(f.text) {
		if r, ok := jsonEscapes[f.text[f.at+1]]; ok {
			f.at += 2
			return r
		}
		var r rune
		if n, _ := fmt.Sscanf(f.text[f.at+1:min(f.at+6, len(f.text))], "u%04x", &r); n == 1 && f.at+6 <= len(f.text) {
			f.at += 6
			return r
		}
	}
	f.fail("the escape is none of JSON's")
	return 0
}

// bare reads a token, number or date: up to white space or a closing sign.
func (f *filterText) bare() string {
	start := f.at
	for f.at < len(f.text) {
		r, size := utf8.DecodeRuneInString(f.text[f.at:])
		if unicode.IsSpace(r) || r == ')' || r == ']' {
			break
		}
		f.at += size
	}
	if f.at == start {
		f.fail("a value is expected")
	}
	return f.text[start:f.at]
}

func (f *filterText) peek() byte {
	if f.at < len(f.text) {
		return f.text[f.at]
	}
	return 0
}

func (f *filterText) space() {
	for f.at < len(f.text) {
		r, size := utf8.DecodeRuneInString(f.text[f.at:])
		if !unicode.IsSpace(r) {
			return
		}
		f.at += size
	}
}

// word takes a word if it stands next, by itself.
func (f *filterText) word(w string) bool {
	f.space()
	rest, ok := strings.CutPrefix(f.text[f.at:], w)
	if !ok || rest != "" && strings.IndexByte(filterNameSigns, rest[0]) >= 0 {
		return false
	}
	f.at += len(w)
	return true
}
