package fhirserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/fhir/xml"
)

// translation holds an answer back until it is whole, and sends it in the form that
// was asked for. What is no resource (files, manifests, answers without a body)
// passes through as it is.
type translation struct {
	http.ResponseWriter
	request *request
	status  int
	holding bool
	held    []byte
}

// WriteHeader implements http.ResponseWriter.
func (t *translation) WriteHeader(status int) {
	if t.status != 0 {
		return
	}
	if status >= http.StatusOK {
		t.status = status
		t.holding = t.request.wish != wish{} && strings.HasPrefix(t.Header().Get("Content-Type"), fhirJSON)
	}
	if !t.holding {
		t.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (t *translation) Write(b []byte) (int, error) {
	if t.status == 0 {
		t.WriteHeader(http.StatusOK)
	}
	if !t.holding {
		return t.ResponseWriter.Write(b)
	}
	t.held = append(t.held, b...)
	return len(b), nil
}

// Unwrap lets http.ResponseController reach the connection.
func (t *translation) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// send sends what was held back.
func (t *translation) send() {
	if !t.holding {
		return
	}
	f := form{jsonContent, t.held}
	switch r := t.request; {
	case r.wish.graphql != "" && t.status == http.StatusOK && r.graphql != nil:
		t.status, f.body = r.graphql(r.Request, r.actor, t.held, r.wish.graphql)
		f.content = plainJSON
	case len(t.held) > 0:
		var err error
		if f, err = t.request.wish.form(t.held); err != nil {
			f.body = t.unsaid(err)
		}
	}
	f.write(t.ResponseWriter, t.status)
}

// plainJSON is JSON that is no resource.
var plainJSON = []string{"application/json; charset=utf-8"}

// form brings a resource into the form.
func (w wish) form(body []byte) (form, error) {
	switch {
	case !w.xml && !w.pretty:
		return form{jsonContent, body}, nil
	case !w.xml:
		var b bytes.Buffer
		err := json.Indent(&b, body, "", "  ")
		return form{jsonContent, append(b.Bytes(), '\n')}, err
	}
	root, err := tree.Parse(body)
	if err != nil {
		return form{content: xmlContent}, err
	}
	indent := ""
	if w.pretty {
		indent = "  "
	}
	out, err := xml.FromJSON(root, indent)
	return form{xmlContent, out}, err
}

// unsaid is the answer in place of one that the form cannot hold. What was done is
// done: then the status stays, and the outcome warns.
func (t *translation) unsaid(err error) []byte {
	issue := fhir.Issue{Severity: "error", Code: "not-supported", Diagnostics: "the answer cannot be said in XML; ask for " + fhirJSON}
	var why *xml.Error
	if errors.As(err, &why) {
		issue.Expression, issue.Diagnostics = why.Expression, why.Reason+": "+issue.Diagnostics
	}
	if methodOf(t.request.Request) == http.MethodGet {
		t.status = http.StatusNotAcceptable
		for _, name := range []string{"Etag", "Last-Modified", "Content-Location"} {
			delete(t.Header(), name)
		}
	} else {
		issue.Severity = "warning"
	}
	outcome, err := t.request.wish.form(fhir.OperationOutcome(issue))
	if err != nil { // an outcome of ours is R4, and no text of it a client's
		return nil
	}
	return outcome.body
}
