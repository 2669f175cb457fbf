package xml

import "unicode/utf8"

// primitives writes values under the name, and ids and extensions under _name.
func (w *jsonWriter) primitives(i, j int, name string, form form) error {
	values, more := false, false
	for k := i; k < j; k++ {
		node := &w.nodes[w.slots[k].node]
		has, below := node.value != (span{}), w.below(w.slots[k].node)
		if !has && !below || node.div {
			return w.fail(w.slots[k].node, "the element has neither a value nor an extension")
		}
		values, more = values || has, more || below
	}
	if values {
		w.key("", name)
		if err := w.list(i, j, func(n int32) error { return w.value(n, form) }); err != nil {
			return err
		}
	}
	if !more {
		return nil
	}
	t := w.slots[i].Type
	w.key("_", name)
	return w.list(i, j, func(n int32) error {
		if !w.below(n) {
			w.b = append(w.b, "null"...)
			return nil
		}
		return w.object(n, t)
	})
}

// below tells whether a primitive has more than a value.
func (w *jsonWriter) below(n int32) bool {
	node := &w.nodes[n]
	return node.id != span{} || node.url != span{} || node.first > 0
}

func (w *jsonWriter) value(n int32, form form) error {
	node := &w.nodes[n]
	if node.value == (span{}) {
		w.b = append(w.b, "null"...)
		return nil
	}
	raw := node.value.of(w.src)
	switch {
	case form == text:
		w.text(node.value)
		return nil
	case form == boolean && string(raw) != "true" && string(raw) != "false":
		return w.fail(n, "true or false is expected")
	case form == number && !isNumber(raw):
		return w.fail(n, "a number is expected, such as 6.50")
	}
	w.b = append(w.b, raw...)
	return nil
}

// text writes an attribute's value as a string.
func (w *jsonWriter) text(value span) {
	raw := value.of(w.src)
	w.b = append(w.b, '"')
	for from := 0; ; {
		i := from
		for i < len(raw) && raw[i] != '&' && !isBreak(raw[i]) {
			i++
		}
		w.b = appendQuoted(w.b, raw[from:i])
		if i == len(raw) {
			w.b = append(w.b, '"')
			return
		}
		if raw[i] == '&' {
			s := scanner{src: raw, pos: i}
			r, _ := s.reference() // the scanner has held it before
			var utf [utf8.UTFMax]byte
			w.b = appendQuoted(w.b, utf[:utf8.EncodeRune(utf[:], r)])
			from = s.pos
			continue
		}
		w.b = append(w.b, ' ') // white space in an attribute is a space (XML 1.0, section 3.3.3)
		if from = i + 1; raw[i] == '\r' && from < len(raw) && raw[from] == '\n' {
			from++
		}
	}
}

func isBreak(c byte) bool { return c == '\n' || c == '\t' || c == '\r' }
