package xml

import (
	"bytes"
	"strconv"
)

// copier copies a narrative's div and holds, while it does, that it is one
// well-formed element of XHTML: what it writes can stand in any document. Prefixes
// are taken off and CDATA becomes text; all else stays as it was written.
type copier struct {
	scanner
	out []byte
}

// div copies a narrative that stands alone, as it does in JSON.
func (c *copier) div() error {
	if err := c.check(); err != nil {
		return err
	}
	if err := c.asides(); err != nil {
		return err
	}
	if c.peek() != '<' {
		return c.fail(c.pos, "a div is expected here")
	}
	t, err := c.startTag()
	if err != nil {
		return err
	}
	if t.space != xhtml {
		return c.fail(t.start, "a narrative is a div of the namespace "+xhtmlNamespace)
	}
	if err := c.copy(t, true); err != nil {
		return err
	}
	if err := c.asides(); err != nil {
		return err
	}
	if c.pos != len(c.src) {
		return c.fail(c.pos, "a narrative is one div")
	}
	return nil
}

// asides passes over what may stand before and after an element.
func (s *scanner) asides() error {
	for s.spaces(); s.at("<!") || s.at("<?"); s.spaces() {
		if err := s.aside(); err != nil {
			return err
		}
	}
	return nil
}

// copy copies an element whose start tag was read.
func (c *copier) copy(t tag, root bool) error {
	if t.space != xhtml {
		return c.fail(t.start, "a narrative's elements must be of the XHTML namespace")
	}
	if err := c.copyTag(t, root); err != nil {
		return err
	}
	if t.empty {
		c.close()
		return nil
	}
	for {
		if err := c.copyText(); err != nil {
			return err
		}
		if c.at("</") {
			c.out = append(c.out, "</"...)
			c.out = append(append(c.out, t.name.of(c.src)...), '>')
			return c.endTag(t)
		}
		if err := c.copyChild(); err != nil {
			return err
		}
	}
}

func (c *copier) copyChild() error {
	switch from := c.pos; {
	case c.at("<![CDATA["):
		return c.data()
	case c.at("<!--"):
		err := c.aside()
		c.out = append(c.out, c.src[from:c.pos]...)
		return err
	case c.at("<?"), c.at("<!"):
		return c.aside() // an instruction is of no use in JSON
	case c.peek() != '<':
		return c.fail(c.pos, "the document ends too early")
	}
	t, err := c.startTag()
	if err != nil {
		return err
	}
	return c.copy(t, false)
}

// copyTag writes a start tag: as it is, where it stands for itself.
func (c *copier) copyTag(t tag, root bool) error {
	alone, declared := t.full == t.name, false
	for _, a := range c.attrs {
		name := a.name.of(c.src)
		if prefix, _ := c.local(a.name); len(prefix) > 0 {
			if !declares(name) && string(prefix) != "xml" {
				return c.fail(int(a.name.start), "a narrative's attributes must not be of another namespace")
			}
			alone = alone && !declares(name)
		}
		declared = declared || string(name) == "xmlns"
	}
	tag := c.src[t.start:c.pos]
	if alone && (declared || !root) && (!c.html || bytes.IndexByte(tag, '&') < 0) {
		c.out = appendLines(c.out, tag)
		return nil
	}
	c.rewriteTag(t, root)
	return nil
}

func (c *copier) rewriteTag(t tag, root bool) {
	c.out = append(append(c.out, '<'), t.name.of(c.src)...)
	if root {
		c.out = append(c.out, ` xmlns="`+xhtmlNamespace+`"`...)
	}
	for _, a := range c.attrs {
		if declares(a.name.of(c.src)) {
			continue
		}
		quote := c.src[a.value.start-1]
		c.out = append(append(append(c.out, ' '), a.name.of(c.src)...), '=', quote)
		c.out = c.appendReferences(c.out, a.value.of(c.src))
		c.out = append(c.out, quote)
	}
	if t.empty {
		c.out = append(c.out, '/')
	}
	c.out = append(c.out, '>')
}

// copyText copies up to the next tag.
func (c *copier) copyText() error {
	from := c.pos
	for c.pos < len(c.src) && c.src[c.pos] != '<' {
		switch b := c.src[c.pos]; {
		case b == '&':
			if _, err := c.reference(); err != nil {
				return err
			}
			continue
		case b < ' ' && !isSpace(b):
			return c.fail(c.pos, "XML cannot hold this character")
		case b == ']' && c.at("]]>"):
			return c.fail(c.pos, "the text ]]> is written ]]&gt;")
		}
		c.pos++
	}
	if text := c.src[from:c.pos]; c.html {
		c.out = c.appendReferences(c.out, text)
	} else {
		c.out = appendLines(c.out, text)
	}
	return nil
}

// data writes a CDATA section as text.
func (c *copier) data() error {
	from := c.pos + len("<![CDATA[")
	n := bytes.Index(c.src[from:], []byte("]]>"))
	if n < 0 {
		return c.fail(c.pos, "a CDATA section does not end")
	}
	c.pos = from + n
	if err := c.plain(from); err != nil {
		return err
	}
	for _, b := range appendLines(nil, c.src[from:c.pos]) {
		if name := escapedText[b]; name != "" {
			c.out = append(c.out, name...)
		} else {
			c.out = append(c.out, b)
		}
	}
	c.pos += len("]]>")
	return nil
}

var escapedText = map[byte]string{'<': "&lt;", '>': "&gt;", '&': "&amp;"}

// appendReferences copies text whose references are known to be good; those that
// only HTML has become numbers.
func (c *copier) appendReferences(b, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			return appendLines(b, text)
		}
		b = appendLines(b, text[:i])
		end := i + bytes.IndexByte(text[i:], ';') + 1
		name := text[i+1 : end-1]
		if _, ok := predefined[string(name)]; ok || name[0] == '#' {
			b = append(b, text[i:end]...)
		} else {
			r, _ := (&scanner{src: text[i:end], html: true}).reference()
			b = append(strconv.AppendInt(append(b, "&#"...), int64(r), 10), ';')
		}
		text = text[end:]
	}
}

// appendLines copies text with the ends of lines as XML reads them (section 2.11).
func appendLines(b, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\r')
		if i < 0 {
			return append(b, text...)
		}
		b = append(append(b, text[:i]...), '\n')
		if text = text[i+1:]; len(text) > 0 && text[0] == '\n' {
			text = text[1:]
		}
	}
}
