package authserver

import (
	"errors"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/errs"
)

// The refusals of RFC 6749, sections 4.1.2.1 and 5.2. The texts go to the
// client: they hold nothing of what was sent.

func invalidRequest(text string) error { return oidc.ErrInvalidRequest().WithDescription("%s", text) }
func invalidGrant(text string) error   { return oidc.ErrInvalidGrant().WithDescription("%s", text) }
func invalidScope(text string) error   { return oidc.ErrInvalidScope().WithDescription("%s", text) }
func unauthorizedClient(text string) error {
	return oidc.ErrUnauthorizedClient().WithDescription("%s", text)
}

// errInvalidClient answers every failed client authentication alike.
func invalidClient(cause error) error {
	return op.NewStatusError(oidc.ErrInvalidClient().WithParent(cause).
		WithDescription("client authentication failed"), http.StatusUnauthorized)
}

// internal hides what failed on our side from the client; the log has it.
func internal(err error) error {
	var refusal *oidc.Error
	if err == nil || errors.As(err, &refusal) {
		return err
	}
	return oidc.ErrServerError().WithParent(err).WithDescription("%s", errs.Of(nil).Safe)
}
