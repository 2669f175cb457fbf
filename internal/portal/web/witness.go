package web

import (
	"net/http"

	"tributary/internal/access"
	"tributary/internal/account"
)

// signing are the routes by which people come in (false) and leave (true). What
// happens on them is put on record.
var signing = map[string]bool{
	"POST /confirm": false, "POST /signin/passkey": false, "GET /signin/callback": false,
	"POST /second-factor": false, "POST /second-factor/passkey": false,
	"POST /center/signin": false, "POST /staff/signin": false, "GET /signin/staff/callback": false,
	"POST /signout": true, "POST /security/signout": true, "POST /center/signout": true, "POST /staff/signout": true,
}

// answered remembers the status of an answer.
type answered struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answered) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// witness runs a handler and puts on record who came in, was refused or left. Of who
// was refused only the account is known, and not always that: what was typed as a
// name may be a password.
func (s *Site) witness(c *Call, run func()) {
	out, signs := signing[routeOf(c.R)]
	if !signs || s.Trail == nil {
		run()
		return
	}
	a := &answered{ResponseWriter: c.W}
	c.W = a
	staff, _, _ := s.StaffSessions.Load(c.R) // without one nobody of staff leaves
	run()
	if c.Session.Account == "" && staff.Account != "" && out {
		c.Session = staff
	}
	who := c.Actor(access.Role(c.Session.Role), "")
	if who.ID == "" {
		who.ID = c.Session.Values[KeyPending]
	}
	if out && who.ID == "" {
		return // nobody was signed in
	}
	if err := s.Trail.Signed(c.Ctx(), who, out, a.status >= http.StatusBadRequest); err != nil {
		s.Logger.Error("portal: a sign-in could not be put on record", "error", err)
	}
}

// Who tells staff who a participant is; that they were told is put on record.
func (s *Site) Who(c *Call, patient string) (account.Person, error) {
	person, err := s.People.Person(c.Ctx(), patient)
	if err != nil || s.Trail == nil {
		return person, err
	}
	return person, s.Trail.Shown(c.Ctx(), c.Staff(), patient)
}
