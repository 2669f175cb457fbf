package portal

import (
	"regexp"
	"strings"
	"time"

	"tributary/internal/store"
)

var mailedCode = regexp.MustCompile(`\b\d{6}\b`)

// message is a mail with the code that is in it, if any.
type message struct {
	store.Mail
	Code string
}

func (p *Portal) mails(c *call) ([]message, error) {
	mails, err := p.Mailbox.Latest(c.ctx(), strings.ToLower(strings.TrimSpace(c.query("to"))))
	out := make([]message, len(mails))
	for i, m := range mails {
		out[i] = message{m, mailedCode.FindString(m.Text)}
	}
	return out, err
}

func (p *Portal) devMail(c *call) error {
	mails, err := p.mails(c)
	if err != nil {
		return err
	}
	return p.show(c, view{Name: "devmail", Title: "Development mailbox", Data: mails})
}

func (p *Portal) devMailJSON(c *call) error {
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
	return c.json(rows)
}
