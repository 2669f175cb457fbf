package conformance

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// person is a Patient whose birth date and family name go by its number. Many share
// one, and some have none.
func person(id string, n int) string {
	more := `,"gender":"other"`
	if n%4 != 1 {
		more += fmt.Sprintf(`,"birthDate":"19%02d-01-01"`, n%11+10)
	}
	if n%3 != 2 {
		more += fmt.Sprintf(`,"name":[{"family":"F%02d"}]`, n%7)
	}
	return patient(id, more)
}

// Whoever was there all the time is on exactly one page, whatever comes and goes
// between two pages; nobody is there twice.
func TestPagesHoldWhileRowsComeAndGo(t *testing.T) {
	const rows = 40
	orders := []string{"", "&_sort=birthdate", "&_sort=-birthdate", "&_sort=family,-birthdate", "&_sort=-family", "&_sort=gender,-family", "&_sort=_lastUpdated", "&_sort=-_lastUpdated", "&_sort=_id"}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		for _, order := range orders {
			t.Run(order, func(t *testing.T) {
				s := start(t, db)
				steady := map[string]int{}
				for i := range rows {
					id := fmt.Sprintf("p%02d", i)
					s.call(t, "PUT /Patient/"+id, person(id, i))
					if i%5 != 0 { // every fifth will go
						steady[id] = 0
					}
				}
				seen := map[string]int{}
				turn := 0
				for next := "/Patient?gender=other&_count=3" + order; next != ""; turn++ {
					b := s.call(t, "GET "+next, "").is(t, 200).bundle(t)
					for _, id := range b.ids(t) {
						seen[id]++
					}
					next = b.link("next")
					s.comeAndGo(t, turn, rows)
					if turn > 200 {
						t.Fatal("the pages do not end")
					}
				}
				for id := range steady {
					if seen[id] != 1 {
						t.Errorf("%s was there all the time and is on %d pages", id, seen[id])
					}
				}
				for id, n := range seen {
					if n > 1 {
						t.Errorf("%s is on %d pages", id, n)
					}
				}
				s.clear(t)
			})
		}
	})
}

// comeAndGo deletes one of those that go, and for a while adds one.
func (s *site) comeAndGo(t *testing.T, turn, rows int) {
	if turn*5 < rows {
		s.call(t, fmt.Sprintf("DELETE /Patient/p%02d", turn*5), "").is(t, 204)
	}
	if turn < 20 {
		id := fmt.Sprintf("n%02d", turn)
		s.call(t, "PUT /Patient/"+id, person(id, turn*3))
	}
}

func (s *site) clear(t *testing.T) {
	for {
		ids := s.call(t, "GET /Patient?_count=100", "").is(t, 200).bundle(t).ids(t)
		if len(ids) == 0 {
			return
		}
		for _, id := range ids {
			s.call(t, "DELETE /Patient/"+id, "").is(t, 204)
		}
	}
}

// Versions that come while a history is read do not move its pages.
func TestHistoryPagesHold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for i := range 10 {
			s.call(t, "PUT /Patient/p", person("p", i))
		}
		var etags []string
		for next := "/Patient/p/_history?_count=3"; next != ""; {
			b := s.call(t, "GET "+next, "").is(t, 200).bundle(t)
			for _, e := range b.Entry {
				etags = append(etags, e.Response.Etag)
			}
			next = b.link("next")
			s.call(t, "PUT /Patient/p", person("p", len(etags))).is(t, 200)
		}
		var want []string
		for v := 10; v > 0; v-- {
			want = append(want, fmt.Sprintf(`W/"%d"`, v))
		}
		if !slices.Equal(etags, want) {
			t.Errorf("the pages hold %v", etags)
		}
	})
}

// A next link is good for the search that it continues, of whom it was made for,
// and only as it was made.
func TestNextLinksCannotBeMadeUp(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	for i := range 9 {
		s.call(t, "POST /Patient", person("", i)).is(t, 201)
		s.call(t, "PUT /Patient/p", person("p", i))
	}
	for _, first := range []string{"/Patient?gender=other&_count=3&_sort=family", "/Patient/p/_history?_count=3"} {
		next := s.call(t, "GET "+first, "").is(t, 200).bundle(t).link("next")
		if !strings.HasPrefix(next, s.url) {
			t.Fatalf("no next link: %s", next)
		}
		s.call(t, "GET "+next, "").is(t, 200)
		u, err := url.Parse(next)
		if err != nil {
			t.Fatal(err)
		}
		cursor := u.Query().Get("_cursor")
		with := func(change func(q url.Values)) string {
			v, q := *u, u.Query()
			change(q)
			v.RawQuery = q.Encode()
			return v.String()
		}
		for i := range cursor {
			other := byte('A')
			if cursor[i] == other {
				other = 'B'
			}
			changed := cursor[:i] + string(other) + cursor[i+1:]
			s.tampered(t, i, with(func(q url.Values) { q.Set("_cursor", changed) }), i == len(cursor)-1)
		}
		for _, bad := range []string{cursor[1:], cursor[:len(cursor)-4], cursor + "AAAA", "", "e30", cursor + "=", "\x00"} {
			s.call(t, "GET "+with(func(q url.Values) { q.Set("_cursor", bad) }), "").refused(t, 400)
		}
		s.call(t, "GET "+with(func(q url.Values) { q.Set("_count", "4") }), "").refused(t, 400)
		s.call(t, "GET "+strings.Replace(next, "/Patient", "/Practitioner", 1), "").refused(t, 400, 404)
		s.call(t, "GET "+next, "", "Authorization", "Bearer another").refused(t, 400)
		s.call(t, "GET "+next, "", "Authorization", "").refused(t, 401)
	}
}

// tampered asks with a changed cursor. The last character of Base64 may have bits
// that stand for nothing.
func (s *site) tampered(t *testing.T, i int, link string, last bool) {
	r := s.call(t, "GET "+link, "")
	if last && r.status == 200 {
		return
	}
	if r.status != 400 {
		t.Errorf("with its character %d changed, the cursor gets status %d", i, r.status)
	}
}

// What a page was sorted by is not to be read in its link: links get into logs.
func TestNextLinksTellNothing(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	for i := range 3 {
		s.call(t, "POST /Patient", patient("", fmt.Sprintf(`,"birthDate":"1961-02-03","name":[{"family":"Canary%d"}]`, i))).is(t, 201)
	}
	u, err := url.Parse(s.call(t, "GET /Patient?_count=1&_sort=family", "").is(t, 200).bundle(t).link("next"))
	if err != nil {
		t.Fatal(err)
	}
	if plain := decoded(u.Query().Get("_cursor")); strings.Contains(strings.ToLower(plain), "canary") {
		t.Errorf("the cursor says the name of the last one on the page: %q", plain)
	}
}

func decoded(cursor string) string {
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return cursor
	}
	return string(plain)
}
