package search

import (
	"testing"
	"time"
)

func TestMintedKeysAreOrderedAndBelongToTheirType(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ids := NewIDs(1023, func() time.Time { return now })
	last, lastID := Key(-1), ""
	for i := range 10000 {
		if i%3000 == 0 {
			now = now.Add(time.Millisecond)
		}
		id := ids.New("Patient")
		key := KeyOf("Patient", id)
		if key <= last || id[:23] <= lastID {
			t.Fatalf("id %d: key %d after %d, id %s after %s", i, key, last, id, lastID)
		}
		last, lastID = key, id[:18]
		if k := KeyOf("Observation", id); k >= 0 && i < 100 {
			t.Fatalf("%s is not an Observation's id, key %d", id, k)
		}
	}
}

func TestForeignIDsHaveNegativeKeys(t *testing.T) {
	for _, id := range []string{"1", "example", "018f4e9a-7b1c-7def-8123-0123456789ab", "018F4E9A-7B1C-7DEF-8123-0123456789AB"} {
		if k := KeyOf("Patient", id); k >= 0 {
			t.Errorf("%s: %d", id, k)
		}
	}
	if KeyOf("Patient", "1") == KeyOf("Group", "1") {
		t.Error("the type does not matter")
	}
}
