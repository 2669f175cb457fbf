package session

import (
	"context"
	"net/http"
)

// Handle names the request's session to others, who ask with Lives whether it
// lasts: what they were told cannot be used as the session. "" without a session.
// A session that is renewed has another one.
func (s *Sessions) Handle(r *http.Request) string {
	key, _ := s.key(r)
	return key
}

// Lives reports whether the session of the handle lasts, without putting off its end.
func (s *Sessions) Lives(ctx context.Context, handle string) (bool, error) {
	_, lives, err := s.read(ctx, handle)
	return lives, err
}
