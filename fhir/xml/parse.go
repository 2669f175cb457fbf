package xml

import (
	"bytes"
	"strings"
)

// node is an element of a document. The spans of attributes that are not there are
// zero.
type node struct {
	name                span // without the prefix
	id, url, value      span // attributes as written; the value of a div is in document.divs
	parent, first, next int32
	div                 bool
}

// document is a resource's elements, the root first.
type document struct {
	src   []byte
	nodes []node
	divs  []byte // the narratives
}

type parser struct {
	copier
	nodes []node
}

// parse reads a document of FHIR's elements; the narratives among them are copied.
func parse(src []byte) (document, error) {
	src = bytes.TrimPrefix(src, []byte("\uFEFF"))
	p := parser{copier: copier{scanner: scanner{src: src}}, nodes: make([]node, 0, len(src)/40+8)}
	if err := p.document(); err != nil {
		return document{}, err
	}
	return document{src, p.nodes, p.out}, nil
}

func (p *parser) document() error {
	if err := p.check(); err != nil {
		return err
	}
	if err := p.prolog(); err != nil {
		return err
	}
	if err := p.asides(); err != nil {
		return err
	}
	if p.peek() != '<' {
		return p.fail(p.pos, "this is no XML: an element is expected here")
	}
	if err := p.element(-1); err != nil {
		return err
	}
	if err := p.asides(); err != nil {
		return err
	}
	if p.pos != len(p.src) {
		return p.fail(p.pos, "something follows the document")
	}
	return nil
}

// prolog reads the XML declaration.
func (p *parser) prolog() error {
	if !p.at("<?xml") || len(p.src) < 6 || !isSpace(p.src[5]) {
		return nil
	}
	p.pos = len("<?xml")
	for {
		apart := p.spaces()
		if p.at("?>") {
			p.pos += 2
			break
		}
		if !apart {
			return p.fail(p.pos, "the XML declaration does not end")
		}
		if err := p.attribute(); err != nil {
			return err
		}
	}
	for _, a := range p.attrs {
		fits := declaration[string(a.name.of(p.src))]
		if fits == nil || !fits(string(a.value.of(p.src))) {
			return p.fail(int(a.name.start), "XML is read of version 1.0 and in UTF-8")
		}
	}
	p.attrs = p.attrs[:0]
	return nil
}

// declaration tells what the XML declaration may say.
var declaration = map[string]func(string) bool{
	"version":    func(v string) bool { return v == "1.0" },
	"encoding":   func(v string) bool { return strings.EqualFold(v, "UTF-8") || strings.EqualFold(v, "US-ASCII") },
	"standalone": func(v string) bool { return v == "yes" || v == "no" },
}

// element reads an element and all below it.
func (p *parser) element(parent int32) error {
	t, err := p.startTag()
	if err != nil {
		return err
	}
	at := int32(len(p.nodes))
	p.nodes = append(p.nodes, node{name: t.name, parent: parent})
	switch t.space {
	case xhtml:
		return p.narrative(t, at)
	case fhir:
	default:
		return p.fail(t.start, "the elements of a resource are of the namespace "+fhirNamespace)
	}
	if err := p.known(&p.nodes[at]); err != nil {
		return err
	}
	if t.empty {
		p.close()
		return nil
	}
	return p.children(t, at)
}

func (p *parser) children(t tag, at int32) error {
	for last := int32(-1); ; {
		p.spaces()
		switch {
		case p.at("</"):
			return p.endTag(t)
		case p.at("<!") && !p.at("<![CDATA["), p.at("<?"):
			if err := p.aside(); err != nil {
				return err
			}
		case p.pos == len(p.src):
			return p.fail(p.pos, "the document ends too early")
		case p.peek() != '<' || p.at("<!"):
			return p.fail(p.pos, "there is text between elements; values stand in the attribute value")
		default:
			next := int32(len(p.nodes))
			if err := p.element(at); err != nil {
				return err
			}
			if last < 0 {
				p.nodes[at].first = next
			} else {
				p.nodes[last].next = next
			}
			last = next
		}
	}
}

// narrative copies a div and remembers where it is.
func (p *parser) narrative(t tag, at int32) error {
	from := len(p.out)
	err := p.copy(t, true)
	n := &p.nodes[at]
	n.div, n.value = true, span{uint32(from), uint32(len(p.out))}
	return err
}

// known keeps the attributes that FHIR has (R4, section 2.6.1).
func (p *parser) known(n *node) error {
	for _, a := range p.attrs {
		name := a.name.of(p.src)
		switch string(name) {
		case "id":
			n.id = a.value
			continue
		case "url":
			n.url = a.value
			continue
		case "value":
			n.value = a.value
			continue
		}
		prefix, _ := p.local(a.name)
		if !declares(name) && (len(prefix) == 0 || p.lookup(prefix) != schema) {
			return p.fail(int(a.name.start), "the attributes of FHIR are value, id and url")
		}
	}
	return nil
}
