package session

import (
	"context"
	"time"
)

// onceFor is for how long it is known what a session did.
const onceFor = time.Hour

// Once notes that a session did something, and reports whether it is the first time
// within the hour; of several at once exactly one is told so. what is hashed together
// with the session's own id, which is random: the key tells nothing of it.
func (s *Sessions) Once(ctx context.Context, d Data, what string) (first bool, err error) {
	return s.store.PutNew(ctx, Key("once", d.ID+" "+what), []byte{1}, onceFor)
}

// Undone forgets what Once noted: it came to nothing, and can be tried again.
func (s *Sessions) Undone(ctx context.Context, d Data, what string) error {
	return s.store.Delete(ctx, Key("once", d.ID+" "+what))
}
