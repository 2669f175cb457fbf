package web

import (
	"net/http"

	"tributary/internal/errs"
	"tributary/internal/session"
)

// Once keeps a form of staff that creates something from creating it twice: pressed
// twice, sent from two tabs, or again by the back button, with the same content. What
// was refused, or came back with faults, can be sent again.
func (s *Site) Once(h Handler) Handler {
	return func(c *Call) error { return once(s.StaffSessions, c, h) }
}

func once(sessions *session.Sessions, c *Call, h Handler) error {
	what := c.R.Method + " " + c.R.URL.Path + " " + c.Form.Encode()
	first, err := sessions.Once(c.Ctx(), c.Session, what)
	if err != nil {
		return err
	}
	if !first {
		return errs.New(errs.Conflict, "this was just sent already; look whether it is there before you send it again")
	}
	a := &answered{ResponseWriter: c.W}
	c.W = a
	if err = h(c); err == nil && a.status == http.StatusSeeOther {
		return nil
	}
	if failed := sessions.Undone(c.Ctx(), c.Session, what); err == nil {
		err = failed
	}
	return err
}
