// Package redis keeps sessions in Redis, for several processes that serve one
// site. Every operation is one command, so each is atomic.
package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"tributary/internal/session"
)

// Store is a session.Store in Redis 6.2 or newer.
type Store struct {
	client *redis.Client
	prefix string
}

var _ session.Store = (*Store)(nil)

// Open connects to a redis:// or rediss:// URL and checks that it answers. All
// keys begin with prefix, so that several installations can share a Redis.
func Open(ctx context.Context, url, prefix string) (*Store, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("session/redis: the URL is not valid (redis://host:port/db)")
	}
	client := redis.NewClient(o)
	if err := client.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("session/redis: no answer: %w", err), client.Close())
	}
	return &Store{client: client, prefix: prefix}, nil
}

// Put implements session.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := s.set(ctx, key, value, ttl, "")
	return err
}

// PutNew implements session.Store.
func (s *Store) PutNew(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return s.set(ctx, key, value, ttl, "NX")
}

// Replace implements session.Store.
func (s *Store) Replace(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return s.set(ctx, key, value, ttl, "XX")
}

func (s *Store) set(ctx context.Context, key string, value []byte, ttl time.Duration, mode string) (bool, error) {
	if ttl <= 0 {
		return false, session.ErrTTL
	}
	err := s.client.SetArgs(ctx, s.prefix+key, value, redis.SetArgs{Mode: mode, TTL: atLeastMilli(ttl)}).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, wrap(err)
}

// Get implements session.Store.
func (s *Store) Get(ctx context.Context, key string) ([]byte, bool, error) {
	return found(s.client.Get(ctx, s.prefix+key).Bytes())
}

// Take implements session.Store.
func (s *Store) Take(ctx context.Context, key string) ([]byte, bool, error) {
	return found(s.client.GetDel(ctx, s.prefix+key).Bytes())
}

// Touch implements session.Store.
func (s *Store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if ttl <= 0 {
		return session.ErrTTL
	}
	return wrap(s.client.PExpire(ctx, s.prefix+key, atLeastMilli(ttl)).Err())
}

// Delete implements session.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	return wrap(s.client.Del(ctx, s.prefix+key).Err())
}

// Close implements session.Store.
func (s *Store) Close() error { return wrap(s.client.Close()) }

// atLeastMilli keeps a very short time from becoming 0, which Redis refuses.
func atLeastMilli(ttl time.Duration) time.Duration { return max(ttl, time.Millisecond) }

func found(value []byte, err error) ([]byte, bool, error) {
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	return value, err == nil, wrap(err)
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("session/redis: %w", err)
}
