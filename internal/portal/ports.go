package portal

import (
	"context"

	"tributary/internal/store"
)

// Mailbox is the development mailbox.
type Mailbox interface {
	Latest(ctx context.Context, to string) ([]store.Mail, error)
}
