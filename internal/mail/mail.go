// Package mail sends the study's messages: by SMTP where a server is
// configured, else into a development mailbox, a table that the page /dev/mail
// shows. A subject never holds personal data: it is what a locked screen shows.
//
// Neighbours: internal/account writes the messages, internal/app chooses the
// sender, internal/portal shows the mailbox.
package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail"

	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Message is one plain-text message.
type Message struct {
	To, Subject, Text string
	// Unsubscribe is where one POST ends mails of this kind (RFC 8058); "" for those
	// that cannot be ended.
	Unsubscribe string
	Attachments []Attachment
}

// Attachment is a file that goes with a message. Its name is no personal data, as
// the subject is none.
type Attachment struct {
	Name, Type string
	Body       []byte
}

// Sender hands a message over for delivery.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Mailbox keeps messages in the store in place of sending them.
type Mailbox struct {
	DB  store.DB
	Now func() time.Time
}

var _ Sender = Mailbox{}

// Send keeps the message; of its attachments, their names and sizes.
func (b Mailbox) Send(ctx context.Context, m Message) error {
	for _, a := range m.Attachments {
		m.Text += fmt.Sprintf("\n[%s, %d bytes]", a.Name, len(a.Body))
	}
	kept := store.Mail{ID: rand.Text(), To: m.To, Subject: m.Subject, Text: m.Text, At: b.Now()}
	return tables.Mails{}.Add(ctx, b.DB, kept)
}

// Latest returns the newest messages first, to one address or to all ("").
func (b Mailbox) Latest(ctx context.Context, to string) ([]store.Mail, error) {
	return tables.Mails{}.Latest(ctx, b.DB, to, 50)
}

// SMTP is a mail server that takes our messages.
type SMTP struct {
	Host, User, Password, From string
	Port                       int
	Plaintext                  bool // allows a server without TLS, for development
}

var _ Sender = SMTP{}

// dialTimeout bounds the whole conversation with the server.
const dialTimeout = 15 * time.Second

// Send delivers the message to the server.
func (s SMTP) Send(ctx context.Context, m Message) error {
	msg := gomail.NewMsg()
	if err := msg.From(s.From); err != nil {
		return fmt.Errorf("mail: sender address: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return fmt.Errorf("mail: an address that cannot be written to")
	}
	msg.Subject(m.Subject)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.Unsubscribe != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	for _, a := range m.Attachments {
		if err := msg.AttachReader(a.Name, bytes.NewReader(a.Body), gomail.WithFileContentType(gomail.ContentType(a.Type))); err != nil {
			return fmt.Errorf("mail: an attachment: %w", err)
		}
	}
	client, err := gomail.NewClient(s.Host, s.options()...)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("mail: the server took no message: %w", nameless(err))
	}
	return nil
}

// nameless leaves of a refusal what it is, and drops the address, which the
// library and many servers repeat: errors end in logs.
func nameless(err error) error {
	var refusal *gomail.SendError
	if !errors.As(err, &refusal) {
		return err
	}
	return fmt.Errorf("%v, status %d", refusal.Reason, refusal.ErrorCode())
}

func (s SMTP) options() []gomail.Option {
	policy := gomail.TLSMandatory
	if s.Plaintext {
		policy = gomail.TLSOpportunistic
	}
	options := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTLSPolicy(policy), gomail.WithTimeout(dialTimeout)}
	if s.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	return options
}
