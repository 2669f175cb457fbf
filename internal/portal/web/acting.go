package web

import "tributary/internal/errs"

// KeyOwn is, in the session of somebody who acts for another person, the id of their
// own Patient; the session's Patient is the other's.
const KeyOwn = "own"

// Acting reports whether whoever is signed in acts for somebody else.
func (c *Call) Acting() bool { return c.Session.Values[KeyOwn] != "" }

// Own is the Patient of whoever is signed in, whomever they act for; "" for staff.
func (c *Call) Own() string {
	if own := c.Session.Values[KeyOwn]; own != "" {
		return own
	}
	return c.Session.Patient
}

// Act turns a session to a participant for whom the account may act, or, with "",
// back to the account's own pages.
func (s *Site) Act(c *Call, patient string) error {
	d := c.Session
	if own := d.Values[KeyOwn]; own != "" {
		d.Patient, d = own, With(d, KeyOwn, "")
		d.Patient = own
	}
	if patient != "" && patient != d.Patient {
		may, err := s.mayAct(c, patient)
		if err != nil {
			return err
		}
		if !may {
			return errs.New(errs.Forbidden, "there is no permission to act for this person, or not any more")
		}
		d = With(d, KeyOwn, d.Patient)
		d.Patient = patient
	}
	c.Session = d
	return s.Sessions.Save(c.R, d)
}

func (s *Site) mayAct(c *Call, patient string) (bool, error) {
	if s.Acts == nil {
		return false, nil
	}
	return s.Acts(c.Ctx(), c.Session.Account, patient)
}

// stillActs sends somebody back to their own pages whose permission has ended.
func (s *Site) stillActs(c *Call) (bool, error) {
	if !c.Acting() {
		return true, nil
	}
	may, err := s.mayAct(c, c.Session.Patient)
	if err != nil || may {
		return may, err
	}
	if err := s.Act(c, ""); err != nil {
		return false, err
	}
	return false, c.GoTo("/acting?over=yes")
}

// Signer is who signs on a page: the participant, or a representative with their own
// name, whose account is then named.
func (s *Site) Signer(c *Call) (name, representative string, err error) {
	patient := c.Patient()
	if c.Acting() {
		patient, representative = c.Session.Values[KeyOwn], c.Session.Account
	}
	person, err := s.People.Person(c.Ctx(), patient)
	return person.Name(), representative, err
}
