package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tributary/internal/mail"
	"tributary/internal/store"
)

type deviceKey struct{}

// WithDevice tells which browser asks: by a random token that it keeps in a cookie,
// "" for one that has none. Tries from a browser that the account has signed in
// from before are counted apart, so that a stranger who tries codes keeps the
// account's owner from nothing.
func WithDevice(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, deviceKey{}, token)
}

func (s *Service) device(ctx context.Context, account string) []byte {
	token, _ := ctx.Value(deviceKey{}).(string)
	return s.mac("device", account, token)
}

// counter is what an account's tries from the browser of the context are counted
// under: the account, or the account at a browser that it knows.
func (s *Service) counter(ctx context.Context, db store.DB, account string) (string, error) {
	hash := s.device(ctx, account)
	known, err := s.devices.Known(ctx, db, account, hash)
	if err != nil || !known {
		return account, err
	}
	return fmt.Sprintf("%s@%x", account, hash[:16]), nil
}

// SignedIn notes the browser that somebody has signed in from. If the account has
// signed in before, but not from it, a mail says so, in one of the languages that
// the browser asks for.
func (s *Service) SignedIn(ctx context.Context, id, name, languages string) error {
	fresh, first := false, false
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		fresh, first, err = s.devices.See(ctx, tx, id, s.device(ctx, id), s.Now())
		return err
	})
	if err != nil || !fresh || first {
		return err
	}
	return s.warn(ctx, id, newDevice, languages, name, s.Now().UTC().Format("2006-01-02 15:04 MST"), s.Study.Title.In(newDevice.in(languages)))
}

// letter is a mail in the languages of the study.
type letter map[string]struct{ subject, text string }

// newDevice is told the browser, the time and the study.
var newDevice = letter{
	"en": {"A new sign-in", "Somebody signed in to your account from a browser that we have not seen before:\n\n%s, %s\n\n" +
		"If that was you, you need not do anything. If not, sign in, go to “Security”, choose “Sign out everywhere”, and call us.\n\n%s\n"},
	"es": {"Un nuevo inicio de sesión", "Alguien entró en su cuenta desde un navegador que no conocíamos:\n\n%s, %s\n\n" +
		"Si fue usted, no tiene que hacer nada. Si no, entre en su cuenta, vaya a «Seguridad», elija «Salir en todas partes» y llámenos.\n\n%s\n"},
}

// in is the language of the letter that a browser asks for first; English if none.
func (l letter) in(languages string) string {
	for _, wanted := range strings.Split(languages, ",") {
		code, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(wanted)), ";")
		code, _, _ = strings.Cut(code, "-")
		if _, ok := l[code]; ok {
			return code
		}
	}
	return "en"
}

// warn mails a letter to an account.
func (s *Service) warn(ctx context.Context, id string, l letter, languages string, about ...any) error {
	a, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	email, err := s.Sealer.Open(a.Email, owner("email", a.ID))
	if err != nil {
		return err
	}
	w := l[l.in(languages)]
	return s.Mail.Send(ctx, mail.Message{To: string(email), Subject: w.subject, Text: fmt.Sprintf(w.text, about...)})
}

// deviceLife is how long a browser is known that nobody signs in from.
const deviceLife = 365 * 24 * time.Hour

// linked is told the provider and the study.
var linked = letter{
	"en": {"A new way to sign in", "You can now sign in to your account through %s.\n\n" +
		"If you did not ask for that, sign in, go to “Security”, choose “Remove” beside it, and call us.\n\n%s\n"},
	"es": {"Una nueva forma de entrar", "Ahora puede entrar en su cuenta a través de %s.\n\n" +
		"Si usted no lo pidió, entre en su cuenta, vaya a «Seguridad», elija «Quitar» al lado y llámenos.\n\n%s\n"},
}

// Linking mails that an account can be signed in to through a provider.
func (s *Service) Linking(ctx context.Context, id, provider, languages string) error {
	return s.warn(ctx, id, linked, languages, provider, s.Study.Title.In(linked.in(languages)))
}
