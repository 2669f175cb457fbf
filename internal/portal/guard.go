package portal

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/session"
)

// guard lets a request pass, or answers it.
type guard func(p *Portal, c *call) (pass bool, err error)

// What a participant's session holds beside its fields.
const (
	keyPending  = "pending"  // account id that waits for its mailed code
	keyEnrolled = "enrolled" // "yes": there is a second factor to ask for
	keyNext     = "next"     // where to go after signing in
)

// freshFor is how long a second factor stands for signing and the like.
const freshFor = 10 * time.Minute

// load reads the participant's session into the call.
func (p *Portal) load(c *call) (err error) {
	c.session, _, err = p.Sessions.Load(c.r)
	return err
}

func anybody(p *Portal, c *call) (bool, error) { return true, p.load(c) }

func pending(p *Portal, c *call) (bool, error) {
	if err := p.load(c); err != nil || c.session.Values[keyPending] != "" {
		return err == nil, err
	}
	return false, c.goTo("/signin")
}

func confirmed(p *Portal, c *call) (bool, error) {
	if err := p.load(c); err != nil || c.session.Account != "" {
		return err == nil, err
	}
	return false, c.goTo("/signin?next=" + url.QueryEscape(c.here()))
}

func signedIn(p *Portal, c *call) (bool, error) {
	pass, err := confirmed(p, c)
	if err != nil || !pass || !c.session.SecondFactorAt.IsZero() {
		return pass, err
	}
	return false, p.askFactor(c)
}

func fresh(p *Portal, c *call) (bool, error) {
	pass, err := signedIn(p, c)
	if err != nil || !pass || p.Now().Sub(c.session.SecondFactorAt) < freshFor {
		return pass, err
	}
	return false, p.askFactor(c)
}

func (p *Portal) askFactor(c *call) error {
	if c.session.Values[keyEnrolled] != "yes" {
		return c.goTo("/second-factor/enroll")
	}
	return c.goTo(factorPage(c.here()))
}

// here is where to come back to: the page itself, or the one that the form was on.
func (c *call) here() string {
	if c.r.Method == http.MethodGet {
		return c.r.URL.RequestURI()
	}
	referer, err := url.Parse(c.r.Referer())
	if err != nil || referer.Host != c.r.Host {
		return "/home"
	}
	return local(referer.RequestURI())
}

// local lets only paths of this site through: nobody can be sent elsewhere by a link.
func local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/home"
	}
	return path
}

func centerStaff(p *Portal, c *call) (bool, error) {
	return p.staffOnly(c, access.CenterStaff, "/center/signin")
}
func studyStaff(p *Portal, c *call) (bool, error) {
	return p.staffOnly(c, access.StudyStaff, "/staff/signin")
}

func (p *Portal) staffOnly(c *call, role access.Role, signIn string) (bool, error) {
	d, found, err := p.StaffSessions.Load(c.r)
	if err != nil {
		return false, err
	}
	if !found || d.Role != string(role) {
		return false, c.goTo(signIn)
	}
	c.session = d
	return true, nil
}

// with is the data with one value changed; "" removes it.
func with(d session.Data, name, value string) session.Data {
	values := map[string]string{}
	for k, v := range d.Values {
		values[k] = v
	}
	if values[name] = value; value == "" {
		delete(values, name)
	}
	d.Values = values
	return d
}
