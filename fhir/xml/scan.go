package xml

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// scanner reads the bytes of a document (XML 1.0, Namespaces in XML 1.0).
type scanner struct {
	src    []byte
	pos    int
	depth  int
	attrs  []attribute // of the tag that was read last
	scopes []scope
	// html also knows the entities of HTML 4, which a narrative in JSON may have.
	html bool
}

// span is a piece of a document.
type span struct{ start, end uint32 }

func (s span) of(src []byte) []byte { return src[s.start:s.end] }

// attribute is one of a tag: its name with the prefix, its value as written.
type attribute struct{ name, value span }

// tag is a start tag.
type tag struct {
	full, name span // with and without the prefix
	start      int
	space      space
	empty      bool // <name/>
}

func (s *scanner) fail(offset int, reason string) error {
	return &Error{Offset: offset, Line: lineAt(s.src, offset), Reason: reason}
}

// check holds what is true of the whole: UTF-8, and no character beyond XML's
// (section 2.2) but for control characters, which are met while reading.
func (s *scanner) check() error {
	if uint64(len(s.src)) > 1<<31 {
		return s.fail(0, "the document is too large")
	}
	if !utf8.Valid(s.src) {
		return s.fail(invalidAt(s.src), "the text is not UTF-8")
	}
	for _, c := range []string{"\uFFFE", "\uFFFF"} {
		if i := bytes.Index(s.src, []byte(c)); i >= 0 {
			return s.fail(i, "XML cannot hold this character")
		}
	}
	return nil
}

func invalidAt(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *scanner) at(text string) bool { return bytes.HasPrefix(s.src[s.pos:], []byte(text)) }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// spaces passes over white space, and tells whether there was any.
func (s *scanner) spaces() bool {
	from := s.pos
	for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
		s.pos++
	}
	return s.pos > from
}

// nameByte has 1 for what may begin a name and 2 for what may follow.
var nameByte = func() (table [256]byte) {
	for c := range table {
		switch c := byte(c); {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= utf8.RuneSelf:
			table[c] = 1
		case c >= '0' && c <= '9' || c == '-' || c == '.':
			table[c] = 2
		}
	}
	return table
}()

func (s *scanner) readName() (span, error) {
	from := s.pos
	if nameByte[s.peek()] != 1 {
		return span{}, s.fail(from, "a name is expected here")
	}
	for s.pos < len(s.src) && nameByte[s.src[s.pos]] != 0 {
		s.pos++
	}
	return span{uint32(from), uint32(s.pos)}, nil
}

// local takes the prefix off a name.
func (s *scanner) local(name span) (prefix []byte, rest span) {
	i := bytes.IndexByte(name.of(s.src), ':')
	if i < 0 {
		return nil, name
	}
	return s.src[name.start : name.start+uint32(i)], span{name.start + uint32(i) + 1, name.end}
}

// startTag reads a start tag with its attributes; it opens a scope of namespaces
// that close ends.
func (s *scanner) startTag() (tag, error) {
	t := tag{start: s.pos}
	if s.depth++; s.depth > MaxDepth {
		return t, s.fail(s.pos, "nested deeper than "+strconv.Itoa(MaxDepth)+" elements")
	}
	s.pos++
	var err error
	if t.full, err = s.readName(); err != nil {
		return t, err
	}
	if err := s.attributes(); err != nil {
		return t, err
	}
	if t.empty = s.peek() == '/'; t.empty {
		s.pos++
	}
	if s.peek() != '>' {
		return t, s.fail(s.pos, "the end of the tag is expected here")
	}
	s.pos++
	if err := s.bind(); err != nil {
		return t, err
	}
	var prefix []byte
	prefix, t.name = s.local(t.full)
	if t.space = s.lookup(prefix); t.space == unbound {
		return t, s.fail(t.start, "the element's prefix has no namespace")
	}
	return t, nil
}

// endTag reads the end tag of an element and closes its scope.
func (s *scanner) endTag(t tag) error {
	from := s.pos
	s.pos += len("</")
	name, err := s.readName()
	if err != nil {
		return err
	}
	if !bytes.Equal(name.of(s.src), t.full.of(s.src)) {
		return s.fail(from, "an element ends that is not the one that began last")
	}
	if s.spaces(); s.peek() != '>' {
		return s.fail(s.pos, "the end of the tag is expected here")
	}
	s.pos++
	s.close()
	return nil
}

// aside passes over a comment or a processing instruction. Everything else that
// begins so is refused.
func (s *scanner) aside() error {
	from := s.pos
	begin, end := "<?", "?>"
	if s.at("<!--") {
		begin, end = "<!--", "--"
	} else if !s.at("<?") {
		return s.fail(from, "a document type declaration is not read; leave it out")
	}
	i := bytes.Index(s.src[from+len(begin):], []byte(end))
	if i < 0 {
		return s.fail(from, "a comment or instruction does not end")
	}
	if s.pos = from + len(begin) + i + len(end); begin == "<?" {
		return s.instruction(s.src[from+2 : s.pos-2])
	}
	if s.peek() != '>' {
		return s.fail(s.pos, "a comment must not hold --")
	}
	s.pos++
	return s.plain(from)
}

// instruction refuses what XML keeps for itself: the declaration stands at the very
// beginning, where prolog reads it.
func (s *scanner) instruction(content []byte) error {
	from := s.pos - len(content) - 2
	if len(content) == 0 || nameByte[content[0]] != 1 {
		return s.fail(from, "an instruction needs a name")
	}
	if len(content) >= 3 && bytes.EqualFold(content[:3], []byte("xml")) && (len(content) == 3 || isSpace(content[3])) {
		return s.fail(from, "the XML declaration stands before everything else")
	}
	return s.plain(from)
}

// plain looks for control characters between an offset and here.
func (s *scanner) plain(from int) error {
	for i, c := range s.src[from:s.pos] {
		if c < ' ' && !isSpace(c) {
			return s.fail(from+i, "XML cannot hold this character")
		}
	}
	return nil
}
