package paging_test

import (
	"bytes"
	"testing"

	"tributary/internal/errs"
	"tributary/internal/paging"
	"tributary/internal/store"
)

func TestACursorIsGoodForItsScopeOnly(t *testing.T) {
	c, err := paging.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.Seal(&store.Cursor{Sort: []any{"Chalmers"}, Key: 42}, "mine")
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := c.Open(text, "mine"); err != nil || opened.Key != 42 || opened.Sort[0] != "Chalmers" {
		t.Fatalf("%v, %v", opened, err)
	}
	changed := "A" + text[1:]
	if text[0] == 'A' {
		changed = "B" + text[1:]
	}
	for _, c2 := range []struct{ text, scope string }{{text, "yours"}, {changed, "mine"}, {"", "mine"}, {"%", "mine"}} {
		if _, err := c.Open(c2.text, c2.scope); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", c2, err)
		}
	}
}
