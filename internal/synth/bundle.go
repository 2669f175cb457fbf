package synth

import (
	"bytes"
	"encoding/json"
)

// Bundle is one FHIR Bundle, ready to be posted to a server's root.
type Bundle struct {
	Name    string // file name without extension; for a patient their id
	JSON    []byte
	Patient Person // zero for infrastructure
}

type bundleResource struct {
	ResourceType string  `json:"resourceType"`
	Type         string  `json:"type"`
	Entry        []entry `json:"entry"`
}

type entry struct {
	FullURL  string   `json:"fullUrl"`
	Resource resource `json:"resource"`
	Request  request  `json:"request"`
}

type request struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	IfNoneExist string `json:"ifNoneExist,omitempty"`
}

// bundler collects the entries of one bundle. Resources are kept by pointer
// and encoded at the end, so that later events can still close earlier ones.
type bundler struct {
	r   source
	doc bundleResource
}

func newBundler(kind string, r source) *bundler {
	return &bundler{r: r, doc: bundleResource{ResourceType: "Bundle", Type: kind}}
}

// header begins a resource of the given type that claims the US Core profiles
// with the given suffixes.
func (b *bundler) header(kind string, profiles ...string) header {
	h := header{ResourceType: kind, ID: b.r.uuid()}
	if len(profiles) > 0 {
		h.Meta = &meta{}
	}
	for _, p := range profiles {
		h.Meta.Profile = append(h.Meta.Profile, usCore+p)
	}
	return h
}

// add appends a resource to be created and returns the reference to it.
func (b *bundler) add(r resource) *reference {
	return b.append(r, "")
}

// addUnlessKnown appends a resource to be created unless the server has one
// with that identifier.
func (b *bundler) addUnlessKnown(r resource, system, value string) {
	b.append(r, "identifier="+system+"|"+value)
}

func (b *bundler) append(r resource, ifNoneExist string) *reference {
	h := r.head()
	url := "urn:uuid:" + h.ID
	b.doc.Entry = append(b.doc.Entry, entry{url, r, request{"POST", h.ResourceType, ifNoneExist}})
	return &reference{Reference: url}
}

func (b *bundler) bundle(name string) Bundle {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b.doc); err != nil {
		// The structs hold nothing that cannot be encoded.
		panic("synth: " + err.Error())
	}
	return Bundle{Name: name, JSON: buf.Bytes()}
}
