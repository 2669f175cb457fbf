// Package narrative holds what Narrative.div may consist of (R4, section 2.4.0,
// txt-1): formatting elements and attributes, links and images, nothing that runs
// or loads.
//
// Neighbours: package fhir refuses what is faulty on the write path, fhir/path
// answers htmlChecks().
package narrative

import (
	"encoding/xml"
	"io"
	"regexp"
	"strings"
)

// Fault says why a text is no narrative that may be kept; "" if it is one. The
// reason quotes no content.
func Fault(text string) string {
	fault, _ := Check(text)
	return fault
}

// Check also tells whether there is anything to see: text that is not white
// space, or an image (txt-2).
func Check(text string) (fault string, content bool) {
	for _, s := range ambiguousMarkup {
		if strings.Contains(text, s) {
			return "a narrative must not hold CDATA or malformed comments", false
		}
	}
	r := reader{Decoder: xml.NewDecoder(strings.NewReader(text))}
	r.Entity = xml.HTMLEntity
	for {
		token, err := r.Token()
		if err == io.EOF && r.started {
			return "", r.content
		}
		if err != nil {
			return "a narrative must be well-formed XHTML", r.content
		}
		if reason := r.token(token); reason != "" {
			return reason, r.content
		}
	}
}

// ambiguousMarkup ends for a browser at other places than for XML: what is
// hidden inside for one reader is markup for the other.
var ambiguousMarkup = []string{"<![CDATA[", "<!-->", "<!--->", "--!>"}

type reader struct {
	*xml.Decoder
	depth   int
	started bool // the div has begun
	content bool // there is something to see
}

func (r *reader) token(token xml.Token) string {
	switch x := token.(type) {
	case xml.StartElement:
		if r.depth == 0 && (r.started || x.Name.Local != "div") {
			return "a narrative must be one div"
		}
		r.started = true
		r.content = r.content || x.Name.Local == "img"
		r.depth++
		return elementFault(x)
	case xml.EndElement:
		r.depth--
	case xml.ProcInst, xml.Directive:
		return "a narrative must not hold declarations or processing instructions"
	case xml.CharData:
		visible := strings.TrimSpace(string(x)) != ""
		if r.depth == 0 && visible {
			return "a narrative must be one div"
		}
		r.content = r.content || visible
	}
	return ""
}

const xhtmlSpace = "http://www.w3.org/1999/xhtml"

// The names that txt-1 allows: HTML 4.0 chapters 7 to 11 and 15, links, images.
var (
	elements = words(`a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd
		del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li map area ol p pre q s samp small span strike
		strong sub sup table tbody td tfoot th thead tr tt u ul var center font`)
	attributes = words(`abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing
		cellvalign char charoff charset cite class clear color cols colspan compact coords datetime dir face frame
		headers height href hreflang hspace id lang longdesc name noshade nowrap rel rev rowspan rules scope shape
		size span src start style summary tabindex target title type usemap valign value vspace width xmlns`)
	linking = words(`href src cite longdesc usemap`)
	schemes = words(`http https mailto tel ftp urn cid oid`)
)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

func elementFault(x xml.StartElement) string {
	if x.Name.Space != xhtmlSpace {
		return "a narrative's elements must be of the XHTML namespace"
	}
	if !elements[x.Name.Local] {
		return "a narrative holds an element that is not allowed there (txt-1)"
	}
	for _, a := range x.Attr {
		if reason := attributeFault(x.Name.Local, a); reason != "" {
			return reason
		}
	}
	return ""
}

func attributeFault(element string, a xml.Attr) string {
	name := a.Name.Local
	switch {
	case a.Name.Space == "xml" || a.Name.Space == "http://www.w3.org/XML/1998/namespace":
		return ""
	case a.Name.Space != "" || !attributes[name]:
		return "a narrative holds an attribute that is not allowed there (txt-1)"
	case linking[name] && !safeLink(element, a.Value):
		return "a narrative's links must be relative, or of a scheme that runs nothing"
	case name == "style" && !safeStyle(a.Value):
		return "a narrative's styles must not load or run anything"
	}
	return ""
}

// safeLink takes no notice of white space and control characters, as browsers
// do when they read the scheme.
func safeLink(element, link string) bool {
	link = strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, link))
	scheme, _, found := strings.Cut(link, ":")
	if !found || strings.ContainsAny(scheme, "/?#") || schemes[scheme] {
		return true
	}
	return element == "img" && strings.HasPrefix(link, "data:image/") && !strings.HasPrefix(link, "data:image/svg")
}

// safeURL is what a style may load: an image in itself, or a file beside it.
var safeURL = regexp.MustCompile(`url\(\s*['"]?(data:\s*image/(png|gif|jpeg);base64,[a-z0-9+/= ]*|[a-z0-9_-]+\.(png|gif|jpg))['"]?\s*\)`)

func safeStyle(style string) bool {
	style = safeURL.ReplaceAllString(strings.ToLower(style), "")
	for _, bad := range []string{"url(", "expression", "javascript", "@import", "behavior", "-moz-binding", "\\", "/*"} {
		if strings.Contains(style, bad) {
			return false
		}
	}
	return true
}
