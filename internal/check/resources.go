package check

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/store"
)

// kept is a version as it stands in a row.
type kept struct {
	key    int64
	res    store.Resource
	number int64 // of the type
}

// resources goes over resources and their histories side by side.
func (r *run) resources(ctx context.Context) error {
	past := &history{run: r}
	after := int64(-1 << 63)
	for {
		page, err := r.page(ctx, after, r.Resources == 0)
		if err != nil {
			return err
		}
		for i := range page {
			if err := r.resource(ctx, &page[i], past); err != nil {
				return err
			}
			after = page[i].key
		}
		r.tell("resources", r.Resources, r.Resources+int64(len(page)))
		r.Resources += int64(len(page))
		if len(page) < pageSize {
			return past.rest(ctx)
		}
	}
}

// page reads resources by key; first includes the least key of all.
func (r *run) page(ctx context.Context, after int64, first bool) ([]kept, error) {
	compare := ">"
	if first {
		compare = ">="
	}
	rows, err := r.db.Query(ctx, `SELECT key, type, id, version, updated, deleted, method, body FROM resource
		WHERE key `+compare+` $1 ORDER BY key LIMIT `+strconv.Itoa(pageSize), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []kept
	for rows.Next() {
		var k kept
		var updated, deleted int64
		if err := rows.Scan(&k.key, &k.number, &k.res.ID, &k.res.Version, &updated, &deleted, &k.res.Method, &k.res.Body); err != nil {
			return nil, err
		}
		k.res.Type, k.res.Updated, k.res.Deleted = store.TypeName(int16(k.number)), store.Time(updated), deleted != 0
		page = append(page, k)
	}
	return page, rows.Err()
}

func (r *run) resource(ctx context.Context, k *kept, past *history) error {
	if k.res.Type == "" {
		r.fault(Fault{Kind: Mismatch, ID: k.res.ID, Detail: fmt.Sprintf("%d is the number of no resource type", k.number)})
	} else if int64(search.KeyOf(k.res.Type, k.res.ID)) != k.key {
		r.fault(Fault{Kind: Mismatch, Type: k.res.Type, ID: k.res.ID, Detail: "its key is not that of its type and id"})
	}
	if err := past.of(ctx, k); err != nil {
		return err
	}
	root, ok := r.version(&k.res)
	if !ok || k.res.Deleted {
		return nil
	}
	if r.Validity {
		r.valid(k)
	}
	entries, err := r.Registry.Extract(k.res.Type, k.res.ID, root, r.Base)
	if err != nil {
		r.fault(Fault{Kind: Unreadable, Type: k.res.Type, ID: k.res.ID, Detail: "no index rows can be made of it"})
		return nil
	}
	r.sums.expect(search.Key(k.key), &entries)
	return nil
}

// valid has the whole resource validated again, past what the write path takes for
// granted. The first fault is told; issues quote nothing of what was sent.
func (r *run) valid(k *kept) {
	var invalid *fhir.Invalid
	if err := fhir.Verify(k.res.Body); errors.As(err, &invalid) {
		first, _, _ := strings.Cut(invalid.Error(), "\n")
		r.fault(Fault{Kind: Invalid, Type: k.res.Type, ID: k.res.ID, Detail: first})
	}
}

const lastUpdated = "2006-01-02T15:04:05.000Z"

// version holds a version's JSON against its row.
func (r *run) version(res *store.Resource) (root tree.Value, ok bool) {
	at := Fault{Type: res.Type, ID: res.ID, Version: res.Version}
	wrong := func(kind Kind, detail string) {
		at.Kind, at.Detail = kind, detail
		r.fault(at)
	}
	if res.Deleted {
		if len(res.Body) > 0 {
			wrong(Mismatch, "a deletion has content")
		}
		return root, true
	}
	root, err := tree.Parse(res.Body)
	if err != nil {
		wrong(Unreadable, "its JSON does not parse")
		return root, false
	}
	for _, row := range []struct{ name, got, want string }{
		{"resourceType", root.Get("resourceType").Text(), res.Type},
		{"id", root.Get("id").Text(), res.ID},
		{"meta.versionId", root.At("meta", "versionId").Text(), strconv.FormatInt(res.Version, 10)},
		{"meta.lastUpdated", root.At("meta", "lastUpdated").Text(), res.Updated.UTC().Format(lastUpdated)},
	} {
		if row.got != row.want {
			wrong(Mismatch, row.name+" is not that of its row")
		}
	}
	return root, true
}

// history reads the earlier versions in the order of keys, beside the resources.
type history struct {
	*run
	page []kept
	at   kept // the last one read
	over bool
}

// next is the next earlier version; nil at the end.
func (h *history) next(ctx context.Context) (*kept, error) {
	if len(h.page) == 0 && !h.over {
		if err := h.read(ctx); err != nil {
			return nil, err
		}
	}
	if len(h.page) == 0 {
		return nil, nil
	}
	return &h.page[0], nil
}

func (h *history) read(ctx context.Context) error {
	where, args := "", []any(nil)
	if h.Versions > 0 {
		where, args = ` WHERE (key, version) > ($1, $2)`, []any{h.at.key, h.at.res.Version}
	}
	rows, err := h.db.Query(ctx, `SELECT key, version, updated, deleted, method, body FROM history`+where+
		` ORDER BY key, version LIMIT `+strconv.Itoa(pageSize), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k kept
		var updated, deleted int64
		if err := rows.Scan(&k.key, &k.res.Version, &updated, &deleted, &k.res.Method, &k.res.Body); err != nil {
			return err
		}
		k.res.Updated, k.res.Deleted = store.Time(updated), deleted != 0
		h.page = append(h.page, k)
	}
	if n := len(h.page); n > 0 {
		h.at = h.page[n-1]
		h.Versions += int64(n)
	}
	h.over = len(h.page) < pageSize
	return rows.Err()
}

// of takes the history of a resource: every version before the current one, or,
// where the earlier ones were purged, those from a deletion on.
func (h *history) of(ctx context.Context, current *kept) error {
	last, oldest, latest := int64(0), true, time.Time{}
	for {
		k, err := h.next(ctx)
		if err != nil {
			return err
		}
		if k == nil || k.key > current.key {
			break
		}
		h.page = h.page[1:]
		if k.key < current.key {
			h.orphan(k)
			continue
		}
		k.res.Type, k.res.ID = current.res.Type, current.res.ID
		if k.res.Version != last+1 && !(oldest && k.res.Deleted) {
			h.gap(&k.res, last)
		}
		if k.res.Updated.Before(latest) {
			h.fault(Fault{Kind: History, Type: k.res.Type, ID: k.res.ID, Version: k.res.Version, Detail: "it is older than the version before it"})
		}
		h.version(&k.res)
		last, oldest, latest = k.res.Version, false, k.res.Updated
	}
	if current.res.Version != last+1 && !(oldest && current.res.Deleted) {
		h.gap(&current.res, last)
	}
	return nil
}

func (h *history) gap(r *store.Resource, last int64) {
	detail := fmt.Sprintf("the version before it is %d", last)
	if last == 0 {
		detail = "no earlier version is there, and it is not the first"
	}
	h.fault(Fault{Kind: History, Type: r.Type, ID: r.ID, Version: r.Version, Detail: detail})
}

func (h *history) orphan(k *kept) {
	h.fault(Fault{Kind: History, Version: k.res.Version, Detail: fmt.Sprintf("a version of a resource that is not there (key %d)", k.key)})
}

// rest are the versions behind the last resource.
func (h *history) rest(ctx context.Context) error {
	for {
		k, err := h.next(ctx)
		if err != nil || k == nil {
			return err
		}
		h.page = h.page[1:]
		h.orphan(k)
	}
}
