package tree

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth bounds how deep objects and arrays may nest. FHIR's deepest official
// example has 22 levels; a Questionnaire may nest groups.
const MaxDepth = 128

// SyntaxError says where the bytes stop being JSON (RFC 8259).
type SyntaxError struct {
	Offset int    // byte offset of the fault
	Line   int    // 1-based line of the fault
	Reason string // in words, safe to show: it quotes no content
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON: %s (line %d, byte %d)", e.Reason, e.Line, e.Offset)
}

// Parse reads one JSON document. The error is a *SyntaxError: bytes that are no
// JSON, invalid UTF-8, nesting over MaxDepth, or something after the end.
func Parse(src []byte) (Value, error) {
	if uint64(len(src)) > math.MaxUint32 {
		return Value{}, &SyntaxError{Reason: "document too large", Line: 1}
	}
	p := parser{t: &tree{src: src, nodes: make([]node, 0, len(src)/20+8)}}
	p.space()
	if err := p.value(0, 0, 0, false); err != nil {
		return Value{}, err
	}
	p.space()
	if p.pos != len(src) {
		return Value{}, p.fail("something follows the document")
	}
	return Value{p.t, 0}, nil
}

type parser struct {
	t     *tree
	pos   int
	depth int
}

func (p *parser) fail(reason string) error {
	line := 1
	for _, c := range p.t.src[:min(p.pos, len(p.t.src))] {
		if c == '\n' {
			line++
		}
	}
	return &SyntaxError{Offset: p.pos, Line: line, Reason: reason}
}

func (p *parser) space() {
	src := p.t.src
	for p.pos < len(src) && (src[p.pos] == ' ' || src[p.pos] == '\n' || src[p.pos] == '\t' || src[p.pos] == '\r') {
		p.pos++
	}
}

func (p *parser) peek() byte {
	if p.pos < len(p.t.src) {
		return p.t.src[p.pos]
	}
	return 0
}

// value parses one value and appends its node (children follow it).
func (p *parser) value(parent int32, keyStart, keyEnd int, keyEscaped bool) error {
	at := int32(len(p.t.nodes))
	p.t.nodes = append(p.t.nodes, node{
		start: uint32(p.pos), parent: parent,
		keyStart: uint32(keyStart), keyEnd: uint32(keyEnd), keyEscaped: keyEscaped,
	})
	kind, escaped, err := p.content(at)
	n := &p.t.nodes[at]
	n.kind, n.escaped, n.end = kind, escaped, uint32(p.pos)
	return err
}

func (p *parser) content(at int32) (kind Kind, escaped bool, err error) {
	switch c := p.peek(); {
	case c == '{':
		return Object, false, p.nested(at, '}', p.member)
	case c == '[':
		return Array, false, p.nested(at, ']', p.item)
	case c == '"':
		escaped, err = p.text()
		return String, escaped, err
	case c == '-' || c >= '0' && c <= '9':
		return Number, false, p.number()
	case c == 't':
		return Bool, false, p.literal("true")
	case c == 'f':
		return Bool, false, p.literal("false")
	case c == 'n':
		return Null, false, p.literal("null")
	case p.pos >= len(p.t.src):
		return None, false, p.fail("the document ends too early")
	}
	return None, false, p.fail("a value is expected here")
}

func (p *parser) nested(at int32, closing byte, child func(at int32) error) error {
	if p.depth++; p.depth > MaxDepth {
		return p.fail(fmt.Sprintf("nested deeper than %d levels", MaxDepth))
	}
	p.pos++
	last := int32(0)
	for p.space(); p.peek() != closing; p.space() {
		if last != 0 {
			if p.peek() != ',' {
				return p.fail("a comma or the end of the list is expected here")
			}
			p.pos++
			p.space()
		}
		next := int32(len(p.t.nodes))
		if err := child(at); err != nil {
			return err
		}
		if last == 0 {
			p.t.nodes[at].first = next
		} else {
			p.t.nodes[last].next = next
		}
		last = next
		p.t.nodes[at].count++
	}
	p.pos++
	p.depth--
	return nil
}

func (p *parser) item(at int32) error { return p.value(at, 0, 0, false) }

func (p *parser) member(at int32) error {
	if p.peek() != '"' {
		return p.fail("a member name in quotes is expected here")
	}
	start := p.pos + 1
	escaped, err := p.text()
	if err != nil {
		return err
	}
	end := p.pos - 1
	if p.space(); p.peek() != ':' {
		return p.fail("a colon is expected here")
	}
	p.pos++
	p.space()
	return p.value(at, start, end, escaped)
}

func (p *parser) literal(word string) error {
	if len(p.t.src)-p.pos < len(word) || string(p.t.src[p.pos:p.pos+len(word)]) != word {
		return p.fail("a value is expected here")
	}
	p.pos += len(word)
	return nil
}

func (p *parser) digits() bool {
	from := p.pos
	for p.pos < len(p.t.src) && p.t.src[p.pos] >= '0' && p.t.src[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > from
}

func (p *parser) number() error {
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if !p.digits() {
		return p.fail("a digit is expected here")
	}
	if p.peek() == '.' {
		p.pos++
		if !p.digits() {
			return p.fail("a digit is expected after the decimal point")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return p.fail("a digit is expected in the exponent")
		}
	}
	return nil
}

// text passes over a string with its quotes.
func (p *parser) text() (escaped bool, err error) {
	src := p.t.src
	p.pos++
	for p.pos < len(src) {
		switch c := src[p.pos]; {
		case c == '"':
			p.pos++
			return escaped, nil
		case c == '\\':
			escaped = true
			if err := p.escape(); err != nil {
				return escaped, err
			}
		case c < 0x20:
			return escaped, p.fail("a control character stands in a string")
		case c < utf8.RuneSelf:
			p.pos++
		default:
			r, size := utf8.DecodeRune(src[p.pos:])
			if r == utf8.RuneError && size == 1 {
				return escaped, p.fail("the text is not UTF-8")
			}
			p.pos += size
		}
	}
	return escaped, p.fail("a string does not end")
}

func (p *parser) escape() error {
	rest := p.t.src[p.pos:]
	if len(rest) < 2 {
		return p.fail("a string does not end")
	}
	switch rest[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		p.pos += 2
		return nil
	case 'u':
		if len(rest) < 6 {
			return p.fail("a string does not end")
		}
		if _, err := strconv.ParseUint(string(rest[2:6]), 16, 16); err != nil {
			return p.fail("an escape has no four hexadecimal digits")
		}
		p.pos += 6
		return nil
	}
	return p.fail("an unknown escape stands in a string")
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape resolves the escapes of a string that text has accepted.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++
			continue
		}
		if s[i+1] != 'u' {
			out = append(out, escapes[s[i+1]])
			i += 2
			continue
		}
		r := hex4(s[i+2:])
		i += 6
		if utf16.IsSurrogate(r) && i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' {
			if pair := utf16.DecodeRune(r, hex4(s[i+2:])); pair != utf8.RuneError {
				r = pair
				i += 6
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

func hex4(s string) rune {
	n, _ := strconv.ParseUint(s[:4], 16, 16)
	return rune(n)
}
