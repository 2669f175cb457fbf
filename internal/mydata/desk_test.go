package mydata

import (
	"context"
	"testing"

	"tributary/internal/access"
	"tributary/internal/errs"
)

// Who finds every place taken waits, and is told so when the wait was for nothing.
func TestPapersWaitForAPlace(t *testing.T) {
	s := New(Config{})
	for range papersAtOnce {
		s.desk <- struct{}{}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.PDF(gone, access.Actor{}, Paper{}, nil); !errs.Is(err, errs.Unavailable) {
		t.Errorf("one paper more than there are places for: %v", err)
	}
}
