package session

import (
	"context"
	"errors"
	"time"
)

// ErrTTL: a time to live that is not positive. Nothing in this store is meant
// to stay.
var ErrTTL = errors.New("session: time to live must be positive")

// Store keeps small values for a limited time. A value past its time is never
// returned. Keys must not themselves be secrets: callers hash tokens first (see
// Key). Every method is safe for concurrent use, also by several processes.
type Store interface {
	// Put sets the value, whether or not the key exists.
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// PutNew sets the value only if the key does not exist; of several callers
	// at once exactly one is told created.
	PutNew(ctx context.Context, key string, value []byte, ttl time.Duration) (created bool, err error)
	// Replace sets the value only if the key exists, so that what was deleted
	// meanwhile stays deleted.
	Replace(ctx context.Context, key string, value []byte, ttl time.Duration) (replaced bool, err error)
	// Get returns the value.
	Get(ctx context.Context, key string) (value []byte, found bool, err error)
	// Take returns the value and deletes it; of several callers at once
	// exactly one finds it.
	Take(ctx context.Context, key string) (value []byte, found bool, err error)
	// Touch sets a new time to live on a key that exists, and does nothing on
	// one that does not.
	Touch(ctx context.Context, key string, ttl time.Duration) error
	// Delete removes the key, whether or not it exists.
	Delete(ctx context.Context, key string) error
	// Close frees the store's resources.
	Close() error
}
