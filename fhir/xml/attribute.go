package xml

import (
	"bytes"
	stdxml "encoding/xml"
	"strconv"
	"unicode/utf8"
)

func (s *scanner) attributes() error {
	for s.attrs = s.attrs[:0]; ; {
		apart := s.spaces()
		if c := s.peek(); c == '>' || c == '/' {
			return nil
		}
		switch {
		case s.pos == len(s.src):
			return s.fail(s.pos, "the document ends too early")
		case !apart:
			return s.fail(s.pos, "white space is expected between attributes")
		}
		if err := s.attribute(); err != nil {
			return err
		}
	}
}

func (s *scanner) attribute() error {
	name, err := s.readName()
	if err != nil {
		return err
	}
	if len(s.attrs) == maxAttributes {
		return s.fail(int(name.start), "the element has too many attributes")
	}
	for _, a := range s.attrs {
		if bytes.Equal(a.name.of(s.src), name.of(s.src)) {
			return s.fail(int(name.start), "the element has an attribute twice")
		}
	}
	if s.spaces(); s.peek() != '=' {
		return s.fail(s.pos, "an attribute needs a value")
	}
	s.pos++
	s.spaces()
	value, err := s.quoted()
	s.attrs = append(s.attrs, attribute{name, value})
	return err
}

// maxAttributes bounds the attributes of one element; that they differ is found by
// comparing each to each.
const maxAttributes = 64

// quoted passes over an attribute's value and returns it without the quotes.
func (s *scanner) quoted() (span, error) {
	quote := s.peek()
	if quote != '"' && quote != '\'' {
		return span{}, s.fail(s.pos, "an attribute's value stands in quotes")
	}
	s.pos++
	from := s.pos
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == quote:
			s.pos++
			return span{uint32(from), uint32(s.pos - 1)}, nil
		case c == '<':
			return span{}, s.fail(s.pos, "a < in an attribute is written &lt;")
		case c == '&':
			if _, err := s.reference(); err != nil {
				return span{}, err
			}
		case c < ' ' && !isSpace(c):
			return span{}, s.fail(s.pos, "XML cannot hold this character")
		default:
			s.pos++
		}
	}
	return span{}, s.fail(from, "an attribute's value does not end")
}

// predefined are the entities that every document has.
var predefined = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}

// reference passes over &name; or &#number; and returns what it stands for.
func (s *scanner) reference() (rune, error) {
	from := s.pos
	end := bytes.IndexByte(s.src[from:min(len(s.src), from+12)], ';')
	if end < 0 {
		return 0, s.fail(from, "a & that begins no reference is written &amp;")
	}
	s.pos += end + 1
	name := s.src[from+1 : from+end]
	if len(name) > 0 && name[0] == '#' {
		return s.numbered(from, name[1:])
	}
	if r, ok := predefined[string(name)]; ok {
		return r, nil
	}
	if html, ok := stdxml.HTMLEntity[string(name)]; ok && s.html {
		r, _ := utf8.DecodeRuneInString(html)
		return r, nil
	}
	return 0, s.fail(from, "there are no entities but lt, gt, amp, quot and apos; write the character, or its number")
}

func (s *scanner) numbered(from int, digits []byte) (rune, error) {
	base := 10
	if len(digits) > 0 && digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || !isChar(rune(n)) {
		return 0, s.fail(from, "the number is that of no character of XML")
	}
	return rune(n), nil
}

// isChar tells the characters that XML can hold (XML 1.0, section 2.2).
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}
