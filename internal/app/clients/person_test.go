package clients

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
	"golang.org/x/net/html"

	"tributary/config/program"
)

// person is a participant with a browser that knows cookies, redirects and forms.
type person struct {
	*world
	given   string
	email   string
	secret  string // of the authenticator
	patient string // id of their Patient
	browser *http.Client
}

// join makes an account and a second factor, and signs the consents.
func (w *world) join(given string) *person {
	w.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	p := &person{world: w, given: given, email: strings.ToLower(given) + "@mail.example"}
	p.browser = &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), w.base+"/") {
			return http.ErrUseLastResponse // an app's
		}
		return nil
	}}
	p.submit("/signup", url.Values{"given": {given}, "family": {"Featherstone"}, "email": {p.email}, "birth_date": {"1980-05-01"}, "sex": {"female"}, "state": {"MA"}})
	page := p.submit("/confirm", url.Values{"code": {w.mailed(p.email)}})
	p.secret = text(find(page, "code", "id", "totp-secret"))
	home := p.submit("/second-factor/enroll", url.Values{"code": {p.code(time.Now())}})
	p.patient = attr(find(home, "main", "data-patient", ""), "data-patient")
	p.consents()
	return p
}

// consents signs the consent to research, and to share health records.
func (p *person) consents() {
	p.Helper()
	study, err := program.Default()
	if err != nil {
		p.Fatal(err)
	}
	p.page(p.browser.Get(p.base + "/consent/research"))
	document := study.Document(program.ResearchConsent, "en", time.Now())
	for n := range document.Modules {
		p.submit("/consent/research/modules/"+strconv.Itoa(n+1), nil)
	}
	answers := map[string][]string{}
	for _, q := range document.Questions {
		answers["q."+q.ID] = []string{q.Answer}
	}
	p.submit("/consent/research/quiz", answers)
	p.submit("/consent/research/sign", map[string][]string{"printed_name": {p.given + " Featherstone"}, "agree": {"yes"}})
	p.submit("/consent/ehr", map[string][]string{"printed_name": {p.given + " Featherstone"}, "decision": {"yes"}})

}

// code is what the authenticator shows.
func (p *person) code(at time.Time) string {
	p.Helper()
	code, err := totp.GenerateCode(p.secret, at)
	if err != nil {
		p.Fatal(err)
	}
	return code
}

// mailed is the newest code in the development mailbox.
func (w *world) mailed(email string) string {
	w.Helper()
	res, err := w.http.Get(w.base + "/dev/mail.json?to=" + url.QueryEscape(email))
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	var mails []struct{ Code string }
	if err := json.NewDecoder(res.Body).Decode(&mails); err != nil || len(mails) == 0 {
		w.Fatalf("no mail to %s: %v", email, err)
	}
	return mails[0].Code
}

// submit posts a form of the portal; the page that comes of it.
func (p *person) submit(path string, form url.Values) *html.Node {
	p.Helper()
	res, err := p.browser.PostForm(p.base+path, form)
	return p.page(res, err)
}

func (p *person) page(res *http.Response, err error) *html.Node {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		p.Fatalf("%s: HTTP %d, %v: %.2000s", res.Request.URL.Path, res.StatusCode, err, body)
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		p.Fatal(err)
	}
	return root
}

// allows opens an app's authorization request and grants all that is asked for;
// where the browser is sent then.
func (p *person) allows(authorize string) *url.URL {
	p.Helper()
	return p.decides(authorize, "approve")
}

func (p *person) decides(authorize, decision string) *url.URL {
	p.Helper()
	page := p.page(p.browser.Get(authorize))
	form := formOf(find(page, "form", "action", "/apps/authorize"))
	form.Set("decision", decision)
	res, err := p.browser.PostForm(p.base+"/apps/authorize", form)
	if err != nil {
		p.Fatal(err)
	}
	res.Body.Close()
	to, err := res.Location()
	if err != nil {
		p.Fatalf("HTTP %d: the browser is sent nowhere: %v", res.StatusCode, err)
	}
	return to
}

// formOf is what a form would send as it is shown, without buttons.
func formOf(form *html.Node) url.Values {
	values := url.Values{}
	if form == nil {
		return values
	}
	for n := range form.Descendants() {
		chosen := attr(n, "type") != "checkbox" && attr(n, "type") != "radio" || has(n, "checked")
		if n.Type == html.ElementNode && n.Data == "input" && has(n, "name") && chosen {
			values.Add(attr(n, "name"), attr(n, "value"))
		}
	}
	return values
}

// find is the first element with the attribute, of that value if one is given.
func find(root *html.Node, tag, name, value string) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && has(n, name) && (value == "" || attr(n, name) == value) {
			return n
		}
	}
	return &html.Node{Type: html.ErrorNode, Data: fmt.Sprintf("no <%s %s=%q>", tag, name, value)}
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), "")
}
