package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/session"
)

// What a participant's session holds beside its fields.
const (
	KeyPending  = "pending"  // account id that waits for its mailed code
	KeyEnrolled = "enrolled" // "yes": there is a second factor to ask for
	KeyNext     = "next"     // where to go after signing in
)

// freshFor is how long a second factor stands for signing and the like.
const freshFor = 10 * time.Minute

// loadSession reads the participant's session into the call.
func (s *Site) loadSession(c *Call) (err error) {
	c.Session, _, err = s.Sessions.Load(c.R)
	return err
}

// Anybody lets everybody pass.
func (s *Site) Anybody(c *Call) (bool, error) { return true, s.loadSession(c) }

// Pending lets those pass whose mailed code is awaited; others sign in first.
func (s *Site) Pending(c *Call) (bool, error) {
	if err := s.loadSession(c); err != nil || c.Session.Values[KeyPending] != "" {
		return err == nil, err
	}
	return false, c.GoTo("/signin")
}

// Confirmed lets those pass whose mailed code came back.
func (s *Site) Confirmed(c *Call) (bool, error) {
	if err := s.loadSession(c); err != nil || c.Session.Account != "" {
		return err == nil, err
	}
	return false, c.GoTo("/signin?next=" + url.QueryEscape(c.Here()))
}

// SignedIn lets those pass who gave a second factor as well. Who acts for somebody
// passes while a recorded permission is in force.
func (s *Site) SignedIn(c *Call) (bool, error) {
	pass, err := s.Confirmed(c)
	if err != nil || !pass {
		return false, err
	}
	if over, err := s.Over(c); over || err != nil {
		return false, err
	}
	if c.Session.SecondFactorAt.IsZero() {
		return false, s.askFactor(c)
	}
	return s.stillActs(c)
}

// Fresh lets those pass who gave it in the last ten minutes; others are asked again.
func (s *Site) Fresh(c *Call) (bool, error) {
	pass, err := s.SignedIn(c)
	if err != nil || !pass || s.Now().Sub(c.Session.SecondFactorAt) < freshFor {
		return pass, err
	}
	return false, s.askFactor(c)
}

// Over ends the session of an account that nobody signs in to any more, and says so:
// also one that began while that was decided, or was kept through it.
func (s *Site) Over(c *Call) (bool, error) {
	if s.Ended == nil || c.Own() == "" {
		return false, nil
	}
	over, err := s.Ended(c.Ctx(), c.Own())
	if err != nil || !over {
		return false, err
	}
	if err := s.Sessions.Destroy(c.W, c.R); err != nil {
		return false, err
	}
	c.Session = session.Data{}
	return true, s.Render(c, http.StatusForbidden, View{Name: "account-closed", Title: "This account is closed"})
}

func (s *Site) askFactor(c *Call) error {
	if c.Session.Values[KeyEnrolled] != "yes" {
		return c.GoTo("/second-factor/enroll")
	}
	return c.GoTo(FactorPage(c.Here()))
}

// here is where to come back to: the page itself, or the one that the form was on.
func (c *Call) Here() string {
	if c.R.Method == http.MethodGet {
		return c.R.URL.RequestURI()
	}
	referer, err := url.Parse(c.R.Referer())
	if err != nil || referer.Host != c.R.Host {
		return "/home"
	}
	return Local(referer.RequestURI())
}

// Local lets only paths of this site through: nobody can be sent elsewhere by a link.
func Local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/home"
	}
	return path
}

// CenterStaff lets the staff of partner centers pass.
func (s *Site) CenterStaff(c *Call) (bool, error) {
	return s.staffOnly(c, access.CenterStaff, "/center/signin")
}

// StudyStaff lets the study's staff pass.
func (s *Site) StudyStaff(c *Call) (bool, error) {
	return s.staffOnly(c, access.StudyStaff, "/staff/signin")
}

func (s *Site) staffOnly(c *Call, role access.Role, signIn string) (bool, error) {
	d, found, err := s.StaffSessions.Load(c.R)
	if err != nil {
		return false, err
	}
	if !found || d.Role != string(role) {
		return false, c.GoTo(signIn)
	}
	c.Session = d
	return true, nil
}

// With is the data with one value changed; "" removes it.
func With(d session.Data, name, value string) session.Data {
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

// FactorPage is where the second factor is given again before going on.
func FactorPage(next string) string { return "/second-factor?next=" + url.QueryEscape(next) }
