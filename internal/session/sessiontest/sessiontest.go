// Package sessiontest is the conformance suite of session.Store. A backend's
// own test only constructs it.
package sessiontest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tributary/internal/session"
)

// Backend is an empty store, and a way to let its time pass.
type Backend struct {
	Store   session.Store
	Advance func(time.Duration)
}

// Run holds a backend to the contract; open returns an empty one each time.
func Run(t *testing.T, open func(t *testing.T) Backend) {
	for name, check := range checks {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

var checks = map[string]func(*testing.T, Backend){
	"put and get":             putAndGet,
	"empty and binary values": binaryValues,
	"put new once":            putNewOnce,
	"put new after expiry":    putNewAfterExpiry,
	"replace":                 replace,
	"take once":               takeOnce,
	"expiry":                  expiry,
	"touch":                   touch,
	"no time to live":         noTTL,
	"atomic put new":          atomicPutNew,
	"atomic take":             atomicTake,
}

func putAndGet(t *testing.T, b Backend) {
	absent(t, b, "k")
	must(t, b.Store.Put(t.Context(), "k", []byte("one"), time.Minute))
	must(t, b.Store.Put(t.Context(), "k", []byte("two"), time.Minute))
	present(t, b, "k", "two")
	must(t, b.Store.Delete(t.Context(), "k"))
	absent(t, b, "k")
	must(t, b.Store.Delete(t.Context(), "k"))
}

func binaryValues(t *testing.T, b Backend) {
	for key, value := range map[string]string{"empty": "", "zero": "\x00\xff\x00", "long": strings.Repeat("x", 100_000)} {
		must(t, b.Store.Put(t.Context(), key, []byte(value), time.Minute))
		present(t, b, key, value)
	}
	must(t, b.Store.Put(t.Context(), "nil", nil, time.Minute))
	present(t, b, "nil", "")
}

func putNewOnce(t *testing.T, b Backend) {
	want(t, true)(b.Store.PutNew(t.Context(), "k", []byte("one"), time.Minute))
	want(t, false)(b.Store.PutNew(t.Context(), "k", []byte("two"), time.Minute))
	present(t, b, "k", "one")
}

func putNewAfterExpiry(t *testing.T, b Backend) {
	want(t, true)(b.Store.PutNew(t.Context(), "k", []byte("one"), time.Second))
	b.Advance(2 * time.Second)
	want(t, true)(b.Store.PutNew(t.Context(), "k", []byte("two"), time.Minute))
	present(t, b, "k", "two")
}

func replace(t *testing.T, b Backend) {
	want(t, false)(b.Store.Replace(t.Context(), "k", []byte("one"), time.Minute))
	absent(t, b, "k")
	must(t, b.Store.Put(t.Context(), "k", []byte("one"), time.Minute))
	want(t, true)(b.Store.Replace(t.Context(), "k", []byte("two"), time.Hour))
	b.Advance(2 * time.Minute)
	present(t, b, "k", "two")
	b.Advance(time.Hour)
	want(t, false)(b.Store.Replace(t.Context(), "k", []byte("three"), time.Minute))
}

func takeOnce(t *testing.T, b Backend) {
	must(t, b.Store.Put(t.Context(), "k", []byte("one"), time.Minute))
	value, found, err := b.Store.Take(t.Context(), "k")
	if err != nil || !found || string(value) != "one" {
		t.Fatalf("Take = %q, %v, %v", value, found, err)
	}
	if _, found, err := b.Store.Take(t.Context(), "k"); found || err != nil {
		t.Fatalf("second Take = %v, %v", found, err)
	}
	must(t, b.Store.Put(t.Context(), "k", []byte("two"), time.Second))
	b.Advance(2 * time.Second)
	if _, found, err := b.Store.Take(t.Context(), "k"); found || err != nil {
		t.Fatalf("Take of an expired value = %v, %v", found, err)
	}
}

func expiry(t *testing.T, b Backend) {
	must(t, b.Store.Put(t.Context(), "short", []byte("s"), time.Second))
	must(t, b.Store.Put(t.Context(), "long", []byte("l"), time.Hour))
	b.Advance(10 * time.Minute)
	absent(t, b, "short")
	present(t, b, "long", "l")
	must(t, b.Store.Put(t.Context(), "other", []byte("o"), time.Hour)) // may purge
	present(t, b, "long", "l")
	absent(t, b, "short")
}

func touch(t *testing.T, b Backend) {
	must(t, b.Store.Put(t.Context(), "k", []byte("v"), time.Minute))
	must(t, b.Store.Touch(t.Context(), "k", time.Hour))
	b.Advance(10 * time.Minute)
	present(t, b, "k", "v")
	b.Advance(time.Hour)
	must(t, b.Store.Touch(t.Context(), "k", time.Hour))
	absent(t, b, "k")
}

func noTTL(t *testing.T, b Backend) {
	_, newErr := b.Store.PutNew(t.Context(), "k", nil, 0)
	_, replaceErr := b.Store.Replace(t.Context(), "k", nil, 0)
	for _, err := range []error{b.Store.Put(t.Context(), "k", nil, 0), newErr, replaceErr, b.Store.Touch(t.Context(), "k", -1)} {
		if !errors.Is(err, session.ErrTTL) {
			t.Errorf("want ErrTTL, got %v", err)
		}
	}
	absent(t, b, "k")
}

func atomicPutNew(t *testing.T, b Backend) {
	once(t, func(ctx context.Context) (bool, error) {
		return b.Store.PutNew(ctx, "k", []byte("v"), time.Minute)
	})
}

func atomicTake(t *testing.T, b Backend) {
	must(t, b.Store.Put(t.Context(), "k", []byte("v"), time.Minute))
	once(t, func(ctx context.Context) (bool, error) {
		_, found, err := b.Store.Take(ctx, "k")
		return found, err
	})
}

// once runs f from many goroutines at the same time; exactly one must win.
func once(t *testing.T, f func(context.Context) (bool, error)) {
	t.Helper()
	var wins atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			won, err := f(t.Context())
			if err != nil {
				t.Error(err)
			}
			if won {
				wins.Add(1)
			}
		})
	}
	group.Wait()
	if wins.Load() != 1 {
		t.Fatalf("%d of 16 won, want exactly one", wins.Load())
	}
}

func present(t *testing.T, b Backend, key, value string) {
	t.Helper()
	got, found, err := b.Store.Get(t.Context(), key)
	if err != nil || !found || !bytes.Equal(got, []byte(value)) {
		t.Fatalf("Get(%s) = %.40q, %v, %v; want %.40q", key, got, found, err, value)
	}
}

func absent(t *testing.T, b Backend, key string) {
	t.Helper()
	if got, found, err := b.Store.Get(t.Context(), key); err != nil || found {
		t.Fatalf("Get(%s) = %.40q, %v, %v; want nothing", key, got, found, err)
	}
}

func want(t *testing.T, expected bool) func(bool, error) {
	t.Helper()
	return func(got bool, err error) {
		t.Helper()
		if err != nil || got != expected {
			t.Fatalf("got %v, %v; want %v", got, err, expected)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
