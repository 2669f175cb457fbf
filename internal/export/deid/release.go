package deid

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"tributary/fhir/tree"
)

// Code is a coding by its system and code.
type Code struct{ System, Code string }

// Release is what the resources of one release share. It is for one goroutine.
type Release struct {
	rules  *Rules
	types  map[string]bool
	at     time.Time
	common map[Code]bool
	mac    hash.Hash
	sum    [sha256.Size]byte
}

// Config says what a release is.
type Config struct {
	Rules  *Rules
	Key    []byte        // 32 random bytes, of this release alone
	Types  []string      // that it holds; references to others are dropped
	At     time.Time     // when ages are taken
	Common map[Code]bool // demographic codes that are not rare; others do not leave
}

// New begins a release.
func New(c Config) (*Release, error) {
	if len(c.Key) != 32 {
		return nil, fmt.Errorf("deid: a release has a key of 32 bytes")
	}
	r := &Release{rules: c.Rules, types: map[string]bool{}, at: c.At, common: c.Common, mac: hmac.New(sha256.New, c.Key)}
	for _, t := range c.Types {
		if c.Rules.types[t] == nil {
			return nil, fmt.Errorf("deid: the rules do not know %s", t)
		}
		r.types[t] = true
	}
	return r, nil
}

// Ref names a resource.
type Ref struct{ Type, ID string }

// Person is whom resources are about.
type Person struct {
	Patient   string // id of the Patient
	Research  string // that stands for it
	ShiftDays int    // by which dates move back: 1..364
	// Shared collects the Medications and Devices that were referred to: they
	// are in nobody's compartment.
	Shared []Ref
}

// Write appends the de-identified resource to dst, without a line's end. ok is
// false when its type has no rules or it is about somebody else.
func (r *Release) Write(dst []byte, root tree.Value, p *Person) (_ []byte, ok bool) {
	name := root.Get("resourceType").Text()
	rules := r.rules.types[name]
	if rules == nil || !r.types[name] || p.ShiftDays < 1 || p.Research == "" || !About(root, p.Patient) {
		return dst, false
	}
	w := writer{out: append(append(append(dst, `{"resourceType":"`...), name...), '"'), release: r, person: p}
	rules.members(&w, root)
	return append(w.out, '}'), true
}

// subjects are the elements that say whom a resource is about.
var subjects = []string{"subject", "patient", "beneficiary"}

// About tells whether a resource is about the patient, and not merely in the
// patient's compartment, as that of a performer or a relative. A Medication or
// Device may be about nobody.
func About(root tree.Value, patient string) bool {
	typ := root.Get("resourceType").Text()
	if typ == "Patient" {
		return root.Get("id").Text() == patient
	}
	for _, name := range subjects {
		if s := root.Get(name); s.Exists() {
			id, isPatient := strings.CutPrefix(s.Get("reference").Text(), "Patient/")
			id, _, _ = strings.Cut(id, "/_history/")
			return isPatient && id == patient
		}
	}
	return shared[typ]
}

// pseudonym appends what stands for a resource in this release: 32 hex digits.
func (r *Release) pseudonym(dst []byte, typ, id string) []byte {
	r.mac.Reset()
	r.mac.Write([]byte(typ))
	r.mac.Write([]byte{'/'})
	r.mac.Write([]byte(id))
	sum := r.mac.Sum(r.sum[:0])
	return hex.AppendEncode(dst, sum[:16])
}

func (p *Person) share(typ, id string) {
	ref := Ref{typ, id}
	if !slices.Contains(p.Shared, ref) {
		p.Shared = append(p.Shared, ref)
	}
}

// Shared lists the types outside of every compartment that leave with what refers
// to them.
func Shared(typ string) bool { return shared[typ] }

var shared = map[string]bool{"Medication": true, "Device": true}
