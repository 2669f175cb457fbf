package portal_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestPagesAreSound visits every page that a person can see and holds its HTML
// to what assistive technology and the Content-Security-Policy need.
func TestPagesAreSound(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	check := func(name string, a answer) { t.Run(name, func(t *testing.T) { sound(t, a) }) }
	for _, path := range []string{"/", "/signup", "/signin", "/center/signin", "/staff/signin", "/nowhere", "/dev/mail"} {
		check(path, b.get(path))
	}
	check("faults", b.post("/signup", "given", "<script>alert(1)</script>"))
	check("under age", b.post("/signup", "given", "A", "family", "B", "email", "a@example.org", "birth_date", "2020-01-01", "sex", "other", "state", "MA"))
	b.join(ada)
	for _, path := range []string{"/home", "/consent/research", "/consent/research/modules/1", "/consent/research/quiz", "/visits", "/consent/ehr"} {
		check("before "+path, b.get(path))
	}
	check("quiz again", b.post("/consent/research/quiz", "q.voluntary", "yes"))
	check("no apps yet", b.get("/apps/connect"))
	b.consent(ada, "yes")
	check("survey faults", b.post("/surveys/basics", "q.household", "99"))
	b.sent("/home", "/surveys/basics", basics...)
	for _, path := range []string{"/home", "/consent/research", "/consent/ehr", "/surveys/basics", "/visits?site=harbor-clinic", "/documents", "/withdraw", "/second-factor", "/apps/authorize?id=r1", "/apps", "/apps/access/steps", "/apps/connect", "/apps/authorize?id=gone"} {
		check("after "+path, b.get(path))
	}
	b.book("harbor-clinic")
	check("booked", b.get("/visits"))
	s := x.staff(t, "center", "center", "harbor-clinic")
	center := s.get("/center")
	check("center", center)
	id := attribute(find(center.page, "tr", "data-appointment", ""), "data-appointment")
	s.sent("/center", "/center/appointments/"+id+"/checkin")
	check("staff apps", s.get("/center/appointments/"+id+"/apps"))
	check("measure", s.get("/center/appointments/"+id+"/measurements"))
	check("measure faults", s.post("/center/appointments/"+id+"/measurements", "height", "1"))
}

func sound(t *testing.T, a answer) {
	t.Helper()
	if attribute(find(a.page, "html", "", ""), "lang") == "" || textOf(find(a.page, "title", "", "")) == "" {
		t.Error("a page needs a language and a title")
	}
	var headings, mains int
	ids := map[string]bool{}
	labelled := map[string]bool{}
	each(a.page, func(n *html.Node) {
		if n.Data == "label" {
			labelled[attribute(n, "for")] = true
		}
		if id := attribute(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("the id %q stands twice", id)
			}
			ids[id] = true
		}
	})
	each(a.page, func(n *html.Node) {
		headings += count(n.Data == "h1")
		mains += count(n.Data == "main")
		inline(t, n)
		labels(t, n, labelled)
		targets(t, n, ids)
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
	control := n.Data == "select" || n.Data == "textarea" || n.Data == "input" && attribute(n, "type") != "hidden"
	if control && !labelled[attribute(n, "id")] && !has(n, "aria-label") && !within(n, "label") {
		t.Errorf("the field %s has no label", attribute(n, "name"))
	}
	if n.Data == "fieldset" && find(n, "legend", "", "") == nil {
		t.Error("a fieldset without a legend")
	}
	if n.Data == "button" && strings.TrimSpace(textOf(n)) == "" {
		t.Error("a button without a text")
	}
}

// targets: what is linked or referred to on the page is there.
func targets(t *testing.T, n *html.Node, ids map[string]bool) {
	t.Helper()
	refs := strings.Fields(attribute(n, "aria-describedby") + " " + attribute(n, "aria-labelledby"))
	if href := attribute(n, "href"); strings.HasPrefix(href, "#") {
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
