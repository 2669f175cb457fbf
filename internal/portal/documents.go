package portal

import (
	"encoding/json"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/records"
)

// receipt is a signed document.
type receipt struct {
	ID, Title string
	At        time.Time
	binary    string
}

func (p *Portal) documents(c *web.Call) error {
	receipts, err := p.receipts(c)
	if err != nil {
		return err
	}
	events, err := p.Consent.Events(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "documents", Title: "Your documents", Data: struct {
		Receipts []receipt
		Events   []consent.Event
	}{receipts, events}})
}

// receipts are the signed documents of the study; what came from providers has
// pages of its own.
func (p *Portal) receipts(c *web.Call) ([]receipt, error) {
	page, err := p.Records.Search(c.Ctx(), c.Participant(), records.Search{Type: "DocumentReference", Query: []search.Pair{
		{Name: "subject", Value: "Patient/" + c.Patient()}, {Name: "_tag", Value: records.OriginSystem + "|" + string(records.Program)}}})
	if err != nil {
		return nil, err
	}
	var out []receipt
	for _, r := range page.Resources {
		var body struct {
			Description string
			Date        time.Time
			Content     []struct{ Attachment struct{ URL string } }
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return nil, err
		}
		one := receipt{ID: r.ID, Title: body.Description, At: body.Date}
		if len(body.Content) > 0 {
			one.binary = strings.TrimPrefix(body.Content[0].Attachment.URL, "Binary/")
		}
		out = append(out, one)
	}
	return out, nil
}

// document sends the signed PDF. Binary is in nobody's compartment: that the
// participant's own DocumentReference names it is what opens it.
func (p *Portal) document(c *web.Call) error {
	receipts, err := p.receipts(c)
	if err != nil {
		return err
	}
	for _, one := range receipts {
		if one.ID == c.Path("id") {
			return p.sendPDF(c, one)
		}
	}
	return errs.New(errs.NotFound, "there is no such document")
}

func (p *Portal) sendPDF(c *web.Call, one receipt) error {
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
