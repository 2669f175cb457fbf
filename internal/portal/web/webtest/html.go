package webtest

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Sound holds a page to what assistive technology and the Content-Security-Policy
// need.
func Sound(t *testing.T, doc *html.Node) {
	t.Helper()
	if Attribute(Find(doc, "html", "", ""), "lang") == "" || Text(Find(doc, "title", "", "")) == "" {
		t.Error("a page needs a language and a title")
	}
	var headings, mains int
	ids := map[string]bool{}
	labelled := map[string]bool{}
	each(doc, func(n *html.Node) {
		if n.Data == "label" {
			labelled[Attribute(n, "for")] = true
		}
		if id := Attribute(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("the id %q stands twice", id)
			}
			ids[id] = true
		}
	})
	each(doc, func(n *html.Node) {
		headings += count(n.Data == "h1")
		mains += count(n.Data == "main")
		inline(t, n)
		labels(t, n, labelled)
		targets(t, n, ids)
		here(t, n)
	})
	if headings != 1 || mains != 1 {
		t.Errorf("%d h1, %d main", headings, mains)
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// here: in a menu no more than one place is said to be the page.
func here(t *testing.T, n *html.Node) {
	t.Helper()
	current := 0
	if n.Data == "nav" {
		each(n, func(n *html.Node) { current += count(Attribute(n, "aria-current") == "page") })
	}
	if current > 1 {
		t.Errorf("a menu says %d times that one is there", current)
	}
}

// inline: nothing that the policy forbids, nothing from elsewhere.
func inline(t *testing.T, n *html.Node) {
	t.Helper()
	if n.Data == "script" && !has(n, "src") || n.Data == "style" {
		t.Errorf("an inline %s", n.Data)
	}
	for _, attr := range n.Attr {
		if attr.Key == "style" || strings.HasPrefix(attr.Key, "on") {
			t.Errorf("an inline %s on %s", attr.Key, n.Data)
		}
		if (attr.Key == "src" || n.Data == "link" && attr.Key == "href") && !strings.HasPrefix(attr.Val, "/") {
			t.Errorf("%s comes from elsewhere: %s", n.Data, attr.Val)
		}
	}
	if n.Data == "img" && !has(n, "alt") {
		t.Error("a picture without alt")
	}
}

// labels: every control has a name, every group of choices a legend.
func labels(t *testing.T, n *html.Node, labelled map[string]bool) {
	t.Helper()
	control := n.Data == "select" || n.Data == "textarea" || n.Data == "input" && Attribute(n, "type") != "hidden"
	if control && !labelled[Attribute(n, "id")] && !has(n, "aria-label") && !within(n, "label") {
		t.Errorf("the field %s has no label", Attribute(n, "name"))
	}
	if n.Data == "fieldset" && Find(n, "legend", "", "") == nil {
		t.Error("a fieldset without a legend")
	}
	if n.Data == "button" && strings.TrimSpace(Text(n)) == "" {
		t.Error("a button without a text")
	}
}

// targets: what is linked or referred to on the page is there.
func targets(t *testing.T, n *html.Node, ids map[string]bool) {
	t.Helper()
	refs := strings.Fields(Attribute(n, "aria-describedby") + " " + Attribute(n, "aria-labelledby"))
	if href := Attribute(n, "href"); strings.HasPrefix(href, "#") {
		refs = append(refs, href[1:])
	}
	for _, id := range refs {
		if !ids[id] {
			t.Errorf("%s refers to #%s, which is not on the page", n.Data, id)
		}
	}
}

func within(n *html.Node, tag string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == tag {
			return true
		}
	}
	return false
}

func each(n *html.Node, do func(*html.Node)) {
	if n.Type == html.ElementNode {
		do(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, do)
	}
}

// Find is the first element of the tag with the attribute ("": any), depth first.
func Find(n *html.Node, tag, key, value string) *html.Node {
	if n == nil {
		return nil
	}
	if n.Type == html.ElementNode && (tag == "" || n.Data == tag) && (key == "" || value == "" && has(n, key) || value != "" && Attribute(n, key) == value) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := Find(c, tag, key, value); found != nil {
			return found
		}
	}
	return nil
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// Attribute is the value of an attribute; "" where there is none.
func Attribute(n *html.Node, key string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// Text is all text below a node.
func Text(n *html.Node) string {
	if n == nil {
		return ""
	}
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out.WriteString(Text(c))
	}
	return out.String()
}
