package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// browser is a person's web browser: cookies, redirects, forms.
type browser struct {
	base   string
	client *http.Client
}

func newBrowser(base string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // only for options that are not given
	}
	return &browser{base: base, client: &http.Client{Jar: jar, Timeout: time.Minute}}
}

// shown is a page as the browser shows it.
type shown struct {
	status int
	url    *url.URL // after redirects
	root   *html.Node
	body   []byte
}

func (b *browser) get(ctx context.Context, path string) (*shown, error) {
	return b.do(ctx, http.MethodGet, path, nil)
}

// post sends a form; what is answered after redirects must be a success.
func (b *browser) post(ctx context.Context, path string, form url.Values) (*shown, error) {
	page, err := b.do(ctx, http.MethodPost, path, form)
	if err == nil && page.status >= 400 {
		err = fmt.Errorf("%s: HTTP %d: %s", path, page.status, page.fault())
	}
	return page, err
}

func (b *browser) do(ctx context.Context, method, path string, form url.Values) (*shown, error) {
	target := path
	if strings.HasPrefix(path, "/") {
		target = b.base + path
	}
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return nil, err
	}
	root, err := html.Parse(strings.NewReader(string(body)))
	return &shown{res.StatusCode, res.Request.URL, root, body}, err
}

// name is what the page says it is (data-page of its main element).
func (p *shown) name() string {
	main := p.find("main", "data-page", "")
	if main == nil {
		return ""
	}
	return attr(main, "data-page")
}

// fault is the text of the page's error summary.
func (p *shown) fault() string {
	if n := p.find("", "role", "alert"); n != nil {
		return strings.Join(strings.Fields(text(n)), " ")
	}
	return p.name()
}

// find returns the first element with a tag ("" for any) and an attribute of
// that value ("" for any).
func (p *shown) find(tag, name, value string) *html.Node {
	all := p.all(tag, name, value)
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func (p *shown) all(tag, name, value string) []*html.Node {
	var out []*html.Node
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || tag != "" && n.Data != tag || !has(n, name) {
			continue
		}
		if value == "" || attr(n, name) == value {
			out = append(out, n)
		}
	}
	return out
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
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// fill answers every question of a page's form whose fields begin with prefix:
// the first choice, the least number, some words.
func (p *shown) fill(prefix string) url.Values {
	form := url.Values{}
	for n := range p.root.Descendants() {
		name := attr(n, "name")
		if n.Type != html.ElementNode || !strings.HasPrefix(name, prefix) || strings.HasSuffix(name, ".other") || form.Has(name) {
			continue
		}
		switch n.Data {
		case "input":
			form.Set(name, inputValue(n))
		case "textarea":
			form.Set(name, remark)
		case "select":
			form.Set(name, firstOption(n))
		}
	}
	return form
}

func inputValue(n *html.Node) string {
	switch attr(n, "type") {
	case "radio", "checkbox", "hidden":
		return attr(n, "value")
	case "number":
		if least := attr(n, "min"); least != "" {
			return least
		}
		return "1"
	case "date":
		return "2020-01-01"
	}
	if mode := attr(n, "inputmode"); mode == "numeric" || mode == "decimal" {
		return "7"
	}
	if most, err := strconv.Atoi(attr(n, "maxlength")); err == nil && most < len(remark) {
		return "" // a code of some form, which nobody has to give
	}
	return remark
}

// remark is what is written where anything may be.
const remark = "nothing to add"

func firstOption(n *html.Node) string {
	for o := range n.Descendants() {
		if o.Type == html.ElementNode && o.Data == "option" && attr(o, "value") != "" {
			return attr(o, "value")
		}
	}
	return ""
}
