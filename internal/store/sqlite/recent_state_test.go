package sqlite

import (
	"encoding/binary"
	"errors"
	"strconv"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// shared is a header as a commit leaves it.
type shared struct{ *recent }

func newShared() shared { return shared{newRecent(&marks{make([]byte, len(mark{}))}, nil)} }

func (s shared) committed() error {
	count := s.marks.header[commitsAt:]
	binary.NativeEndian.PutUint32(count, binary.NativeEndian.Uint32(count)+1)
	return nil
}

func (s shared) read(keys ...search.Key) {
	for _, key := range keys {
		_, now, _ := s.find(key)
		s.keep(key, store.Resource{ID: strconv.Itoa(int(key))}, now)
	}
}

func (s shared) kept(keys ...search.Key) (n int) {
	for _, key := range keys {
		if _, _, ok := s.find(key); ok {
			n++
		}
	}
	return n
}

// What a commit leaves of what is kept.
func TestWhatStays(t *testing.T) {
	lost := errors.New("lost")
	for name, c := range map[string]struct {
		changed changes
		commit  func(s shared) error
		want    int // of the three that were kept
	}{
		"nothing was changed":        {changes{}, func(shared) error { return nil }, 3},
		"no resource was":            {changes{}, shared.committed, 3},
		"one was":                    {changes{keys: []search.Key{2}}, shared.committed, 2},
		"nobody knows which":         {changes{keys: []search.Key{2}, unknown: true}, shared.committed, 0},
		"taken back":                 {changes{unknown: true}, func(shared) error { return lost }, 3},
		"failed, but did happen":     {changes{keys: []search.Key{2}}, func(s shared) error { return errors.Join(s.committed(), lost) }, 0},
		"somebody else came after":   {changes{keys: []search.Key{2}}, func(s shared) error { return errors.Join(s.committed(), s.committed()) }, 0},
		"the log began anew":         {changes{keys: []search.Key{2}}, func(s shared) error { s.marks.header[40]++; return s.committed() }, 2},
		"somebody looks in between":  {changes{keys: []search.Key{2}}, func(s shared) error { err := s.committed(); s.read(1, 2); return err }, 2},
		"somebody looks just before": {changes{keys: []search.Key{2}}, func(s shared) error { s.read(1, 2); return s.committed() }, 2},
	} {
		s := newShared()
		s.read(1, 2, 3)
		if s.read(1, 2, 3); s.kept(1, 2, 3) != 3 {
			t.Fatal("they are not kept")
		}
		if err := s.commit(&c.changed, func() error { return c.commit(s) }); (err != nil) != errors.Is(err, lost) {
			t.Fatal(err)
		}
		if got := s.kept(1, 2, 3); got != c.want {
			t.Errorf("%s: %d are kept, not %d", name, got, c.want)
		}
	}
}

// A version that was read while somebody committed is not kept.
func TestReadDuringACommit(t *testing.T) {
	s := newShared()
	s.read(1)
	_, before, _ := s.find(2)
	_ = s.committed()
	s.keep(2, store.Resource{ID: "2"}, before)
	if n := s.kept(1, 2); n != 0 {
		t.Errorf("%d are kept", n)
	}
}

// What is kept is bounded, the latest stay, and very large bodies are never kept.
func TestKeptSize(t *testing.T) {
	const n = 5000
	s := newShared()
	for key := range search.Key(n) {
		_, now, _ := s.find(key)
		s.keep(key, store.Resource{Body: make([]byte, 20<<10)}, now)
	}
	size := 0
	for _, part := range []map[search.Key]store.Resource{s.young, s.old} {
		for _, r := range part {
			size += len(r.Body) + eachSize
		}
	}
	if size > recentSize+largest || size < recentSize/2 {
		t.Errorf("%d bytes are kept", size)
	}
	if got := s.kept(n-1, n-2, n-100, 0); got != 3 {
		t.Errorf("%d of the latest are kept", got)
	}
	_, now, _ := s.find(n)
	s.keep(n, store.Resource{Body: make([]byte, largest+1)}, now)
	if s.kept(n) > 0 {
		t.Error("a very large one is kept")
	}
}

// Which statements change resources.
func TestChangesResources(t *testing.T) {
	for query, want := range map[string]bool{
		insertResource: true, updateResource: true, keepHistory: false,
		"DELETE FROM resource WHERE key = $1":                            true,
		"delete  from\n main.resource":                                   true,
		`UPDATE OR IGNORE "resource" SET version = 1`:                    true,
		"INSERT OR REPLACE INTO resource SELECT * FROM history":          true,
		"SELECT * FROM resource":                                         false,
		"WITH a AS (SELECT 1) DELETE FROM resource RETURNING key":        true,
		"INSERT INTO audit_event (key, resource) VALUES ($1, $2)":        false,
		"DELETE FROM resource_text WHERE key = $1":                       false,
		"UPDATE feed SET updated = updated WHERE name = 'resource'":      false,
		"DELETE FROM history WHERE key IN (SELECT key FROM resource)":    true, // not, but nothing is lost by it
		"INSERT INTO export_file (name) SELECT name FROM old_file WHERE": false,
	} {
		if got := changesResources(query); got != want {
			t.Errorf("%s: %v", query, got)
		}
	}
}
