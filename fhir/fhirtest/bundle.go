package fhirtest

import (
	"encoding/json"
	"fmt"
)

// Entry is one Bundle.entry: its fullUrl, request and resource.
type Entry struct {
	FullURL  string          `json:"fullUrl,omitempty"`
	Resource json.RawMessage `json:"resource,omitempty"`
	Request  *Request        `json:"request,omitempty"`
}

// Request is Bundle.entry.request.
type Request struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	IfMatch     string `json:"ifMatch,omitempty"`
	IfNoneExist string `json:"ifNoneExist,omitempty"`
}

// Post is the entry that creates a resource; fullURL is mostly a urn:uuid that
// other entries refer to.
func Post(fullURL string, resource []byte) Entry {
	return Entry{FullURL: fullURL, Resource: resource, Request: &Request{Method: "POST", URL: typeOf(resource)}}
}

// PostIfNone is the entry that creates a resource unless the query finds one.
func PostIfNone(fullURL string, resource []byte, query string) Entry {
	e := Post(fullURL, resource)
	e.Request.IfNoneExist = query
	return e
}

// Put is the entry that writes a resource at a URL such as Patient/p1.
func Put(url string, resource []byte) Entry {
	return Entry{Resource: resource, Request: &Request{Method: "PUT", URL: url}}
}

// Get is the entry that reads or searches.
func Get(url string) Entry { return Entry{Request: &Request{Method: "GET", URL: url}} }

// Delete is the entry that deletes.
func Delete(url string) Entry { return Entry{Request: &Request{Method: "DELETE", URL: url}} }

// Transaction is a Bundle whose entries happen all or not at all.
func Transaction(entries ...Entry) []byte { return Bundle("transaction", entries...) }

// Batch is a Bundle whose entries happen each on its own.
func Batch(entries ...Entry) []byte { return Bundle("batch", entries...) }

// Bundle is a Bundle of any type.
func Bundle(typ string, entries ...Entry) []byte {
	out, err := json.Marshal(struct {
		ResourceType string  `json:"resourceType"`
		Type         string  `json:"type"`
		Entry        []Entry `json:"entry,omitempty"`
	}{"Bundle", typ, entries})
	if err != nil {
		panic("fhirtest: " + err.Error())
	}
	return out
}

// UUID is the nth of a row of distinct urn:uuid, for fullUrl.
func UUID(n int) string { return fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012x", n) }

func typeOf(resource []byte) string {
	var head struct{ ResourceType string }
	if err := json.Unmarshal(resource, &head); err != nil {
		panic("fhirtest: " + err.Error())
	}
	return head.ResourceType
}
