package mydata

import (
	"bufio"
	"context"
	"io"
	"time"

	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store"
)

// takePage is how many resources are read at a time for what is taken along.
const takePage = 200

// Bundle is everything about the participant as it is read: a Bundle of type collection
// (R4, section 2.36) that holds what Patient/id/$everything gives, and their Devices.
type Bundle struct {
	service *Service
	who     access.Actor
	base    string // of full URLs
	page    records.Page
	devices bool // the pages are of Devices
}

// Bundle reads the first page, so that whoever may not read hears so before anything
// is written.
func (s *Service) Bundle(ctx context.Context, who access.Actor, base string) (*Bundle, error) {
	b := &Bundle{service: s, who: who, base: base}
	return b, b.read(ctx, nil)
}

func (b *Bundle) read(ctx context.Context, after *store.Cursor) (err error) {
	b.page, err = b.service.Records.Everything(ctx, b.who, records.Everything{Patient: b.who.Patient, Count: takePage, After: after})
	return err
}

// Write writes it while the other pages are read: memory holds one of them. What
// stands in nobody's compartment is written where it is first referred to.
func (b *Bundle) Write(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	_, _ = out.WriteString(`{"resourceType":"Bundle","type":"collection","timestamp":"` + b.service.Now().UTC().Format(time.RFC3339) + `","entry":[`)
	shared := map[store.Ref]bool{} // that are written: few are referred to again and again
	for first := true; ; {
		list := b.page.Resources
		for _, r := range b.page.Included {
			if ref := (store.Ref{Type: r.Type, ID: r.ID}); !shared[ref] {
				shared[ref] = true
				list = append(list, r)
			}
		}
		for _, r := range list {
			b.entry(out, r, first)
			first = false
		}
		if more, err := b.next(ctx); err != nil || !more {
			if err != nil {
				return err
			}
			break
		}
	}
	_, _ = out.WriteString("]}")
	return out.Flush() // the first failure of all that was written
}

// next reads what comes after the page: Devices, which are in nobody's compartment
// although one names a person, are the last.
func (b *Bundle) next(ctx context.Context) (more bool, err error) {
	if !b.devices && b.page.Next != nil {
		return true, b.read(ctx, b.page.Next)
	}
	if b.devices && b.page.Next == nil {
		return false, nil
	}
	b.devices = true
	b.page, err = b.service.Records.Timeline(ctx, b.who, records.Timeline{
		Patient: b.who.Patient, Parts: []records.TimelinePart{{Type: "Device"}}, Count: takePage, After: b.page.Next})
	return true, err
}

func (b *Bundle) entry(out *bufio.Writer, r store.Resource, first bool) {
	if !first {
		_ = out.WriteByte(',')
	}
	_, _ = out.WriteString(`{"fullUrl":"` + b.base + "/" + r.Type + "/" + r.ID + `","resource":`)
	_, _ = out.Write(r.Body)
	_ = out.WriteByte('}')
}
