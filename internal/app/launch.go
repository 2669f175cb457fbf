package app

import (
	"context"

	"tributary/internal/authserver"
)

// NewLaunch opens an app in a context, as an EHR does: the value of the parameter
// launch, for the app's launch URL, good once (SMART App Launch 2.2, section 2.0.7).
func (s *Service) NewLaunch(ctx context.Context, l authserver.Launch) (string, error) {
	return s.auth.NewLaunch(ctx, l)
}
