package app

import (
	"context"

	"tributary/internal/packages"
)

// Load stores the conformance resources in packages, folders and files.
func (s *Service) Load(ctx context.Context, paths []string) (packages.Summary, error) {
	return packages.Load(ctx, s.records, paths)
}
