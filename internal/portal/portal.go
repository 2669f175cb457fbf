package portal

import (
	"context"

	"tributary/internal/account"
	"tributary/internal/apps"
	"tributary/internal/consent"
	"tributary/internal/passkey"
	"tributary/internal/portal/web"
	"tributary/internal/program"
	"tributary/internal/records"
	"tributary/internal/signin"
)

// Config is what the portal works with. Mailbox is nil where mail is sent, and
// providers of sign-ins where there are none; all else must be set.
type Config struct {
	*web.Site
	Accounts       *account.Service
	Consent        *consent.Service
	Program        *program.Service
	Records        *records.Service
	Authorizations Authorizations
	Listings       *apps.Service
	Trail          Trail
	StaffProvider  *signin.Provider                                // nil: staff have passwords
	PersonProvider *signin.Provider                                // of participants; nil: none
	Passkeys       *passkey.Service                                // nil: the origin has none
	EndApps        func(ctx context.Context, account string) error // takes back all that apps were given
	Mailbox        Mailbox
}

// Portal is the pages.
type Portal struct{ Config }

// New returns the pages; Room furnishes a site with them.
func New(c Config) *Portal { return &Portal{c} }
