package fhir

import (
	"slices"
	"strconv"
	"time"

	"tributary/fhir/tree"
)

// Coding is one Coding of a meta label.
type Coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

// Stamp is what the server writes into a resource that it stores. Zero fields
// leave what the client sent.
type Stamp struct {
	ID          string
	VersionID   int64
	LastUpdated time.Time // written in UTC, to the millisecond
	Source      string    // meta.source
	Tags        []Coding  // to stand last in meta.tag
	Security    []Coding  // to stand last in meta.security
	// OwnedSystems are the systems of labels that only the server sets: the
	// client's codings of these systems are dropped from tag and security.
	OwnedSystems []string
	Edits        []tree.Edit // of other places of the resource, such as rewritten references
}

// Stamp returns the resource's JSON with the stamp in it and every other byte
// as sent. Stamping what Stamp returned changes nothing.
func (r *Resource) Stamp(s Stamp) []byte {
	edits := slices.Clone(s.Edits)
	head := r.Root.Get("resourceType")
	if s.ID != "" {
		edits = append(edits, set(r.Root.Get("id"), head, "id", encode(s.ID)))
	}
	edits = append(edits, s.meta(r.Root, head)...)
	return tree.Apply(r.Source(), edits)
}

// set replaces a member's value, or adds the member after another one.
func set(v, after tree.Value, name string, raw []byte) tree.Edit {
	if v.Exists() {
		return tree.Replace(v, raw)
	}
	_, end := after.Span()
	return tree.Edit{Start: end, End: end, New: member(",", name, raw)}
}

func member(comma, name string, raw []byte) []byte {
	out := make([]byte, 0, len(comma)+len(name)+3+len(raw))
	out = append(out, comma...)
	out = append(out, '"')
	out = append(out, name...)
	out = append(out, '"', ':')
	return append(out, raw...)
}

// meta is what the stamp does to meta; without one it makes one, after the id
// if there is one, else after the resourceType.
func (s Stamp) meta(root, head tree.Value) []tree.Edit {
	m := root.Get("meta")
	parts := append(s.parts(), s.label(m, "security", s.Security)...)
	parts = append(parts, s.label(m, "tag", s.Tags)...)
	if m.Kind() == tree.Object {
		return change(m, parts)
	}
	if len(parts) == 0 {
		return nil
	}
	if id := root.Get("id"); id.Exists() {
		head = id
	}
	return []tree.Edit{set(tree.Value{}, head, "meta", []byte("{"+string(members(parts))+"}"))}
}

// part is one member of meta that the server sets, or drops (raw nil).
type part struct {
	name string
	raw  []byte
}

func (s Stamp) parts() []part {
	var parts []part
	if s.VersionID != 0 {
		parts = append(parts, part{"versionId", encode(strconv.FormatInt(s.VersionID, 10))})
	}
	if !s.LastUpdated.IsZero() {
		parts = append(parts, part{"lastUpdated", encode(s.LastUpdated.UTC().Format(instantLayout))})
	}
	if s.Source != "" {
		parts = append(parts, part{"source", encode(s.Source)})
	}
	return parts
}

const instantLayout = "2006-01-02T15:04:05.000Z"
