package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// withoutMeta cuts the member meta, with the comma before it, out of a resource
// and returns the other bytes as they are, and its value.
func withoutMeta(t testing.TB, src []byte) (rest, meta []byte) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	next(t, d)
	for d.More() {
		before := d.InputOffset() // after the value before, or the opening brace
		name := next(t, d)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if name == "meta" {
			return append(bytes.Clone(src[:before]), src[d.InputOffset():]...), value
		}
	}
	return src, nil
}

func next(t testing.TB, d *json.Decoder) json.Token {
	t.Helper()
	token, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// tokensOf is the JSON of a meta, token by token in its order, numbers as they
// are written, without what the server sets: versionId and lastUpdated. A meta
// that has nothing else is like none.
func tokensOf(t testing.TB, meta []byte) []string {
	t.Helper()
	if len(meta) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(meta))
	d.UseNumber()
	next(t, d)
	var list []string
	for d.More() {
		name := next(t, d)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if name != "versionId" && name != "lastUpdated" {
			list = append(list, fmt.Sprint(name))
			list = append(list, stream(t, value)...)
		}
	}
	return list
}

func stream(t testing.TB, src []byte) []string {
	var list []string
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return list
		}
		list = append(list, fmt.Sprintf("%T %v", token, token))
	}
}

// firstDifference shows where two texts part.
func firstDifference(got, want []byte) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := max(0, i-20)
	return fmt.Sprintf("differs at byte %d: %.60q, was sent as %.60q", i, got[from:], want[from:])
}

// The comparison itself sees what it must.
func TestComparison(t *testing.T) {
	for _, c := range []struct{ sent, rest, meta string }{
		{`{"a":1.10,"meta":{"x":1},"b":2}`, `{"a":1.10,"b":2}`, `{"x":1}`},
		{`{"a":1 , "meta" : {}, "b":2}`, `{"a":1 , "b":2}`, `{}`},
		{`{"a":{"meta":1}}`, `{"a":{"meta":1}}`, ``},
	} {
		rest, meta := withoutMeta(t, []byte(c.sent))
		if string(rest) != c.rest || string(meta) != c.meta {
			t.Errorf("%s: %s and %s", c.sent, rest, meta)
		}
	}
	got := fmt.Sprint(tokensOf(t, []byte(`{"versionId":"1","tag":[1.0],"lastUpdated":"x"}`)))
	if want := "[tag json.Delim [ json.Number 1.0 json.Delim ]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
