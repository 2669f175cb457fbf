package sqlite_test

import (
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o storetest.Options) store.Store { return storetest.SQLite(t, o) })
}

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b testing.TB, o storetest.Options) store.Store { return storetest.SQLite(b, o) })
}
