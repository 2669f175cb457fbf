package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// originSystem labels where an exported resource comes from.
const originSystem = "https://tributary.example/fhir/origin"

// exportBefore runs the export that still has everyone.
func (r *run) exportBefore(ctx context.Context) (err error) {
	if r.warehouse, err = r.newWarehouse(ctx); err != nil {
		return err
	}
	if err := r.closed(ctx); err != nil {
		return err
	}
	dir := filepath.Join(r.Out, "before")
	r.warehouse.first, err = r.exportTo(ctx, dir)
	if err != nil {
		return err
	}
	return r.count(ctx, r.warehouse.first, dir, func(p *Participant) (*map[string]int, *map[string]int) {
		return &p.ExportedBefore, &p.ProgramBefore
	})
}

// exportAfter runs the export without the one who has withdrawn.
func (r *run) exportAfter(ctx context.Context) error {
	dir := filepath.Join(r.Out, "export")
	m, err := r.exportTo(ctx, dir)
	if err != nil {
		return err
	}
	return r.count(ctx, m, dir, func(p *Participant) (*map[string]int, *map[string]int) {
		return &p.Exported, &p.Program
	})
}

func (r *run) exportTo(ctx context.Context, dir string) (*manifest, error) {
	m, err := r.warehouse.export(ctx)
	if err != nil {
		return nil, err
	}
	if len(m.Error) > 0 {
		return nil, fmt.Errorf("the export reports %d errors", len(m.Error))
	}
	if err := r.warehouse.download(ctx, m, dir); err != nil {
		return nil, err
	}
	total := 0
	for _, out := range m.Output {
		total += out.Count
	}
	r.say("  %d resources in %d files, in %s", total, len(m.Output), dir)
	return m, nil
}

// closed holds the warehouse to its purpose: the rest of the API answers 403.
func (r *run) closed(ctx context.Context) error {
	for _, path := range []string{"/Patient", "/Observation?_count=1", "/Patient/" + r.summary.Participants[0].Participant} {
		status, err := r.warehouse.get(ctx, r.FHIRBase()+path, nil)
		if err != nil {
			return err
		}
		if status != http.StatusForbidden {
			return fmt.Errorf("a research client's request was answered with HTTP %d, not 403", status)
		}
	}
	return nil
}

// withdraw lets the last participant leave, of two the first, who shares a
// record; with only one nobody does. What held them is gone at its next download,
// and their provider is asked no more.
func (r *run) withdraw(ctx context.Context) error {
	n := len(r.summary.Participants)
	if n < 2 {
		r.say("  nobody: there is only one")
		return nil
	}
	p := r.summary.Participants[n-1]
	if n == 2 {
		p = r.summary.Participants[0]
	}
	if _, err := p.browser.post(ctx, "/withdraw", url.Values{"confirm": {"withdraw"}, "printed_name": {p.printedName()}}); err != nil {
		return err
	}
	p.Withdrawn = true
	return errors.Join(r.gone(ctx, p), p.disconnected(ctx))
}

// gone asks for every file of the first export that holds the person again.
func (r *run) gone(ctx context.Context, p *Participant) error {
	alias, err := r.Alias(ctx, r.warehouse.first.status, p.Participant)
	if err != nil {
		return err
	}
	holding := 0
	for i, out := range r.warehouse.first.Output {
		raw, err := os.ReadFile(filepath.Join(r.Out, "before", fileName(out.Type, i)))
		if err != nil {
			return err
		}
		if !bytes.Contains(raw, []byte(alias)) {
			continue
		}
		holding++
		status, err := r.warehouse.get(ctx, out.URL, nil)
		if err != nil {
			return err
		}
		if status != http.StatusGone {
			return fmt.Errorf("a file of %s that holds someone who has withdrawn was answered with HTTP %d, not 410", out.Type, status)
		}
	}
	if holding == 0 {
		return errors.New("no file held the one who has withdrawn")
	}
	return nil
}

// disconnected holds the person's connections to be stopped.
func (p *Participant) disconnected(ctx context.Context) error {
	page, err := p.browser.get(ctx, "/connections.json")
	if err != nil {
		return err
	}
	var connections []struct{ State string }
	if err := json.Unmarshal(page.body, &connections); err != nil {
		return err
	}
	for _, c := range connections {
		if c.State != "stopped" {
			return fmt.Errorf("a connection of someone who has withdrawn is %q", c.State)
		}
	}
	return nil
}

// exported is what is read of an exported resource.
type exported struct {
	ID   string `json:"id"`
	Meta struct {
		Tag []struct{ System, Code string } `json:"tag"`
	} `json:"meta"`
	refs map[string]bool
}

func (e *exported) ehr() bool {
	for _, t := range e.Meta.Tag {
		if t.System == originSystem {
			return t.Code == "ehr"
		}
	}
	return false
}

// tally counts lines by the person whom they are about.
type tally struct {
	owners map[string]*Participant   // alias of the Patient -> participant
	refers map[string][]*Participant // Type/id -> who refers to it
	into   func(*Participant) (ehr, program *map[string]int)
}

func (r *run) count(ctx context.Context, m *manifest, dir string, into func(*Participant) (*map[string]int, *map[string]int)) error {
	t := tally{owners: map[string]*Participant{}, refers: map[string][]*Participant{}, into: into}
	for _, p := range r.summary.Participants {
		ehr, program := into(p)
		*ehr, *program = map[string]int{}, map[string]int{}
		alias, err := r.Alias(ctx, m.status, p.Participant)
		if err != nil {
			return err
		}
		t.owners[alias] = p
	}
	if err := lines(dir, t.patientLines); err != nil {
		return err
	}
	return lines(dir, t.sharedLines)
}

func parse(line []byte) (exported, error) {
	var e exported
	var v any
	if err := errors.Join(json.Unmarshal(line, &e), json.Unmarshal(line, &v)); err != nil {
		return e, err
	}
	e.refs = map[string]bool{}
	references(v, e.refs)
	return e, nil
}

func isShared(typ string) bool { return typ == "Medication" || typ == "Device" }

// patientLines counts what is about a patient, and notes what that refers to.
func (t *tally) patientLines(typ string, line []byte) error {
	if isShared(typ) {
		return nil
	}
	e, err := parse(line)
	if err != nil {
		return err
	}
	p := t.owner(typ, e)
	if p == nil {
		return fmt.Errorf("a line of %s is about none of the participants", typ)
	}
	ehr, program := t.into(p)
	if e.ehr() || typ == "Patient" && p.EHRConsent {
		(*ehr)[typ]++
	} else {
		(*program)[typ]++
	}
	for ref := range e.refs {
		if refType, _, _ := strings.Cut(ref, "/"); isShared(refType) {
			t.refers[ref] = append(t.refers[ref], p)
		}
	}
	return nil
}

func (t *tally) owner(typ string, e exported) *Participant {
	if typ == "Patient" {
		return t.owners[e.ID]
	}
	for ref := range e.refs {
		if p := t.owners[strings.TrimPrefix(ref, "Patient/")]; p != nil {
			return p
		}
	}
	return nil
}

// sharedLines counts Medications and Devices for those whom they name, or who
// refer to them.
func (t *tally) sharedLines(typ string, line []byte) error {
	if !isShared(typ) {
		return nil
	}
	e, err := parse(line)
	if err != nil {
		return err
	}
	p := t.owner(typ, e)
	if referring := t.refers[typ+"/"+e.ID]; p == nil && len(referring) > 0 {
		p = referring[0]
	}
	if p == nil {
		return fmt.Errorf("nothing refers to a %s", typ)
	}
	ehr, _ := t.into(p)
	(*ehr)[typ]++
	return nil
}
