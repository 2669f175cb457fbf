package center

import (
	"errors"
	"net/http"

	"tributary/internal/account"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// keyEnrolling is the account, in the staff member's session, that waits for the code
// which the person who is there has got by mail.
const keyEnrolling = "enrolling"

func (p *Pages) enrollView() web.View {
	return web.View{Name: "enroll-walkin", Title: "Enroll somebody", Style: style, Data: p.Study.Area}
}

func (p *Pages) enrollForm(c *web.Call) error { return p.Show(c, p.enrollView()) }

// enroll makes an account for somebody who is at the center. Staff have checked who
// they are; the address is theirs when they read out the code that was sent to it.
func (p *Pages) enroll(c *web.Call) error {
	if c.Value("identified") != "yes" {
		return p.Mend(c, p.enrollView(), form.Faults{{Field: "identified", Text: "First check who the person is."}})
	}
	id, err := p.Accounts.SignUp(c.Ctx(), account.Person{Given: c.Value("given"), Family: c.Value("family"),
		Email: c.Value("email"), Born: c.Value("birth_date"), Sex: c.Value("sex"), State: c.Value("state"), Language: p.Language(c)})
	if errors.Is(err, account.ErrUnderAge) || errors.Is(err, account.ErrOutside) {
		return p.Render(c, http.StatusForbidden, web.View{Name: "not-admitted", Title: "Not yet", Style: style, Data: p.Study.AgeOfMajority})
	}
	if err != nil {
		return p.Mend(c, p.enrollView(), web.Refused(err, "email"))
	}
	if err := p.StaffSessions.Save(c.R, web.With(c.Session, keyEnrolling, id)); err != nil {
		return err
	}
	return c.GoTo("/center/enroll/confirm")
}

var confirmView = web.View{Name: "enroll-code", Title: "Confirm the address", Style: style}

func (p *Pages) confirmForm(c *web.Call) error {
	if c.Session.Values[keyEnrolling] == "" {
		return c.GoTo("/center/enroll")
	}
	return p.Show(c, confirmView)
}

// confirm ends the enrollment: the person has an account, and is checked in.
func (p *Pages) confirm(c *web.Call) error {
	id := c.Session.Values[keyEnrolling]
	if id == "" {
		return c.GoTo("/center/enroll")
	}
	a, err := p.Accounts.Confirm(c.Ctx(), id, c.Value("code"))
	if err != nil {
		return p.Mend(c, confirmView, web.Refused(err, "code"))
	}
	if _, err := p.Visits.WalkIn(c.Ctx(), c.Staff(), a.Patient); err != nil {
		return err
	}
	if err := p.StaffSessions.Save(c.R, web.With(c.Session, keyEnrolling, "")); err != nil {
		return err
	}
	return c.GoTo("/center")
}
