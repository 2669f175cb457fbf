package consents

import (
	"encoding/json"
	"strings"
	"time"

	study "tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/records"
)

// receipt is a signed document.
type receipt struct {
	ID, Title string
	Language  string
	At        time.Time
	binary    string
}

// decided is a decision with the name of what it was about.
type decided struct {
	consent.Event
	About study.Text
	Who   string // decided for the participant; "": they themselves
}

func (p *Pages) documents(c *web.Call) error {
	receipts, err := p.receipts(c)
	if err != nil {
		return err
	}
	events, err := p.Consent.Events(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	all := make([]decided, len(events))
	for i, e := range events {
		all[i].Event = e
		if kind, ok := p.Study.Consent(string(e.Kind)); ok {
			all[i].About = kind.Title
		}
		if all[i].Who, err = p.nameOf(c, e.By); err != nil {
			return err
		}
	}
	return p.Show(c, web.View{Name: "documents", Title: "Your documents", Data: struct {
		Receipts  []receipt
		Decisions []decided
	}{receipts, all}})
}

// nameOf is the name of an account's owner; "" where the account is not there any more.
func (p *Pages) nameOf(c *web.Call, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	a, err := p.Accounts.Get(c.Ctx(), id)
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	person, err := p.People.Person(c.Ctx(), a.Patient)
	return person.Name(), err
}

// receipts are the signed documents of the study, newest first; what came from
// providers has pages of its own.
func (p *Pages) receipts(c *web.Call) ([]receipt, error) {
	page, err := p.Records.Search(c.Ctx(), c.Participant(), records.Search{Type: "DocumentReference", Query: []search.Pair{
		{Name: "subject", Value: "Patient/" + c.Patient()}, {Name: "_tag", Value: records.OriginSystem + "|" + string(records.Program)},
		{Name: "_sort", Value: "-date"}}})
	if err != nil {
		return nil, err
	}
	var out []receipt
	for _, r := range page.Resources {
		var body struct {
			Date    time.Time
			Content []struct {
				Attachment struct{ URL, Title, Language string }
			}
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return nil, err
		}
		if len(body.Content) == 0 {
			continue
		}
		a := body.Content[0].Attachment
		out = append(out, receipt{ID: r.ID, Title: a.Title, Language: a.Language, At: body.Date, binary: strings.TrimPrefix(a.URL, "Binary/")})
	}
	return out, nil
}

// document sends the signed PDF. Binary is in nobody's compartment: that the
// participant's own DocumentReference names it is what opens it.
func (p *Pages) document(c *web.Call) error {
	receipts, err := p.receipts(c)
	if err != nil {
		return err
	}
	for _, one := range receipts {
		if one.ID == c.Path("id") {
			return p.send(c, one)
		}
	}
	return errs.New(errs.NotFound, "there is no such document")
}

func (p *Pages) send(c *web.Call, one receipt) error {
	pdf, err := p.Consent.PDF(c.Ctx(), one.binary)
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="signed-document.pdf"`)
	_, _ = c.W.Write(pdf) // whoever asked has gone
	return nil
}
