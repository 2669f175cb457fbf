package portal

import (
	"regexp"
	"strings"
	"time"

	"tributary/internal/portal/web"
	"tributary/internal/store"
)

var mailedCode = regexp.MustCompile(`\b\d{6}\b`)

// message is a mail with the code that is in it, if any.
type message struct {
	store.Mail
	Code string
}

func (p *Portal) mails(c *web.Call) ([]message, error) {
	mails, err := p.Mailbox.Latest(c.Ctx(), strings.ToLower(strings.TrimSpace(c.Query("to"))))
	out := make([]message, len(mails))
	for i, m := range mails {
		out[i] = message{m, mailedCode.FindString(m.Text)}
	}
	return out, err
}

func (p *Portal) devMail(c *web.Call) error {
	mails, err := p.mails(c)
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "devmail", Title: "Development mailbox", Data: mails})
}

func (p *Portal) devMailJSON(c *web.Call) error {
	mails, err := p.mails(c)
	if err != nil {
		return err
	}
	type row struct {
		To      string    `json:"to"`
		Subject string    `json:"subject"`
		Text    string    `json:"text"`
		Code    string    `json:"code"`
		At      time.Time `json:"at"`
	}
	rows := make([]row, len(mails))
	for i, m := range mails {
		rows[i] = row{m.To, m.Subject, m.Text, m.Code, m.At}
	}
	return c.JSON(rows)
}
