package profile

import (
	"context"
	"embed"
	"io/fs"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/portal/web"
	"tributary/internal/records"
)

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	Accounts *account.Service
	Records  *records.Service
	// Recovered puts on record that staff took the factors off a participant's account.
	Recovered func(ctx context.Context, staff access.Actor, patient string) error
	// Gone reports whether a participant has left for good, or died: nothing of them is
	// changed any more.
	Gone func(ctx context.Context, patient string) (bool, error)
}

// Pages are the room's.
type Pages struct{ Config }

// New returns the pages; Room furnishes a site with them.
func New(c Config) *Pages { return &Pages{c} }

//go:embed templates/*.html
var files embed.FS

// Room is the pages' part of a site. Their forms:
//
//	GET /profile                         POST given, family, phone, line, city, state, postal
//	POST /profile/language language      POST /profile/email email
//	GET /profile/email                   POST /profile/email/confirm code
//	GET /cookies
//	GET /staff/participants/ID/recovery  POST seen=yes; likewise /center/participants/ID/recovery
func (p *Pages) Room() web.Room {
	templates, err := fs.Sub(files, "templates")
	if err != nil {
		panic("profile: " + err.Error()) // the name is a constant
	}
	return web.Room{Name: "profile", Templates: templates, Spanish: spanish, Routes: []web.Route{
		web.Get("/profile", p.SignedIn, p.profile), web.Post("/profile", p.SignedIn, p.change),
		web.Post("/profile/language", p.SignedIn, p.language),
		web.Post("/profile/email", p.Fresh, p.askEmail), web.Get("/profile/email", p.SignedIn, p.emailForm),
		web.Post("/profile/email/confirm", p.Fresh, p.confirmEmail), web.Get("/profile/email/confirm", p.SignedIn, p.emailForm), // back from the mailbox after a wrong code
		web.Get("/cookies", p.Anybody, p.cookies),
		web.Get("/staff/participants/{id}/recovery", p.StudyStaff, p.recovery("/staff")), web.Post("/staff/participants/{id}/recovery", p.StudyStaff, p.recover("/staff")),
		web.Get("/center/participants/{id}/recovery", p.CenterStaff, p.recovery("/center")), web.Post("/center/participants/{id}/recovery", p.CenterStaff, p.recover("/center")),
	}}
}
