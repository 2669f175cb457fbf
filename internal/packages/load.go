package packages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// A batch is what one transaction writes.
const (
	batchCount = 100
	batchBytes = 8 << 20
)

// Load stores the definitions in files and folders. The error is for what stopped it;
// what was stored until then stays, and the summary tells of it.
func Load(ctx context.Context, r Records, paths []string) (Summary, error) {
	l := &loader{ctx: ctx, records: r, summary: Summary{Types: map[string]Counts{}}}
	for _, path := range paths {
		if err := read(ctx, path, l.visit); err != nil {
			return l.summary, errors.Join(err, l.flush())
		}
	}
	return l.summary, l.flush()
}

type loader struct {
	ctx     context.Context
	records Records
	batch   []candidate
	bytes   int
	summary Summary
}

// candidate is a resource that is about to be stored.
type candidate struct {
	name  string
	draft records.Draft
	url   string
}

// visit takes a resource into the batch, or says why not.
func (l *loader) visit(name string, src []byte) error {
	typ, err := typeOf(src)
	switch {
	case err != nil:
		l.refuse(name, err)
		return nil
	case !slices.Contains(definitions, typ):
		l.summary.Passed++
		return nil
	}
	parsed, err := fhir.Parse(src)
	if err != nil {
		l.refuse(name, err)
		return nil
	}
	c := candidate{name, records.Draft{Type: typ, ID: idOf(parsed.Root), Parsed: parsed, SkipUnchanged: true}, parsed.Root.Get("url").Text()}
	if slices.ContainsFunc(l.batch, func(o candidate) bool { return o.draft.Type == typ && o.draft.ID == c.draft.ID }) {
		if err := l.flush(); err != nil {
			return err
		}
	}
	l.batch, l.bytes = append(l.batch, c), l.bytes+len(src)
	if len(l.batch) >= batchCount || l.bytes >= batchBytes {
		return l.flush()
	}
	return nil
}

func typeOf(src []byte) (string, error) {
	root, err := tree.Parse(src)
	return root.Get("resourceType").Text(), err
}

// refuse keeps the first lines of a reason.
func (l *loader) refuse(name string, err error) {
	reason := err.Error()
	var failure *errs.Error
	if errors.As(err, &failure) {
		reason = failure.Safe
	}
	list := strings.Split(reason, "\n")
	if len(list) > 3 {
		list = append(list[:3], fmt.Sprintf("and %d more", len(list)-3))
	}
	l.summary.Refused = append(l.summary.Refused, Refusal{name, strings.Join(list, "; ")})
}

// maxID is the length of an id.
const maxID = 64

// idOf is the id under which a definition is stored: its own with its version; one
// that is no id, or too long, ends with a hash.
func idOf(root tree.Value) string {
	id, version, url := root.Get("id").Text(), root.Get("version").Text(), root.Get("url").Text()
	if id == "" {
		id = url[strings.LastIndexByte(url, '/')+1:]
	}
	if version != "" {
		id += "-" + version
	}
	if fhir.IsID(id) {
		return id
	}
	sum := sha256.Sum256([]byte(url + "|" + version + "|" + id))
	hash := hex.EncodeToString(sum[:8])
	plain := strings.Map(func(c rune) rune {
		if fhir.IsID(string(c)) {
			return c
		}
		return '-'
	}, id)
	return plain[:min(len(plain), maxID-len(hash)-1)] + "-" + hash
}

// flush writes the batch; where something in it is refused, each resource on its own.
func (l *loader) flush() error {
	batch, err := l.unoccupied(l.batch)
	l.batch, l.bytes = nil, 0
	if err != nil || len(batch) == 0 {
		return err
	}
	if err = l.write(batch); !ofContent(err) {
		return err
	}
	for i := range batch {
		if err := l.write(batch[i : i+1]); ofContent(err) {
			l.refuse(batch[i].name, err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// ofContent tells that a resource was refused for what it says.
func ofContent(err error) bool {
	return err != nil && slices.ContainsFunc([]errs.Kind{errs.Invalid, errs.Unprocessable, errs.Conflict, errs.Forbidden, errs.Precondition}, func(k errs.Kind) bool { return errs.Is(err, k) })
}

func (l *loader) write(batch []candidate) error {
	drafts := make([]records.Draft, len(batch))
	for i, c := range batch {
		drafts[i] = c.draft
	}
	if err := l.records.Prepare(l.ctx, job, drafts); err != nil {
		return err
	}
	var results []records.Result
	err := l.records.Write(l.ctx, job, func(ctx context.Context, tx *records.Tx) (err error) {
		results, err = tx.Put(ctx, drafts...)
		return err
	})
	if err != nil {
		return err
	}
	for i, r := range results {
		l.summary.count(batch[i].draft.Type, r)
	}
	return nil
}

// unoccupied leaves out those whose id another canonical has.
func (l *loader) unoccupied(batch []candidate) (free []candidate, err error) {
	urls := map[string]string{}
	for _, typ := range typesOf(batch) {
		var ids []string
		for _, c := range batch {
			if c.draft.Type == typ {
				ids = append(ids, c.draft.ID)
			}
		}
		page, err := l.records.Search(l.ctx, job, records.Search{Type: typ, Query: []search.Pair{{Name: "_id", Value: strings.Join(ids, ",")}, {Name: "_count", Value: fmt.Sprint(batchCount)}}})
		if err != nil {
			return nil, err
		}
		for i := range page.Resources {
			urls[typ+"/"+page.Resources[i].ID] = urlOf(&page.Resources[i])
		}
	}
	for _, c := range batch {
		if url, taken := urls[c.draft.Type+"/"+c.draft.ID]; taken && url != c.url {
			l.refuse(c.name, fmt.Errorf("the id %s is that of another definition, %s", c.draft.ID, url))
			continue
		}
		free = append(free, c)
	}
	return free, nil
}

func typesOf(batch []candidate) (types []string) {
	for _, c := range batch {
		if !slices.Contains(types, c.draft.Type) {
			types = append(types, c.draft.Type)
		}
	}
	return types
}

func urlOf(r *store.Resource) string {
	root, err := tree.Parse(r.Body)
	if err != nil {
		return ""
	}
	return root.Get("url").Text()
}
