package fhir

import (
	"encoding/json"
	"strings"
)

// Issue is one entry of an OperationOutcome. All of it is safe to show and to
// log: it names elements and codes, and quotes no value that a client sent.
type Issue struct {
	Severity    string // fatal, error, warning or information
	Code        string // from the IssueType value set
	Expression  string // FHIRPath of the place, "" when there is none
	Diagnostics string // in words
}

// MaxIssues bounds how many issues an Invalid carries; what comes after them
// is only counted.
const MaxIssues = 100

// Invalid says that a resource is no valid R4: everything that is wrong with
// it, in document order.
type Invalid struct{ Issues []Issue }

// Error joins the issues, one a line.
func (e *Invalid) Error() string {
	lines := make([]string, len(e.Issues))
	for i, issue := range e.Issues {
		lines[i] = issue.text()
	}
	return strings.Join(lines, "\n")
}

func (i Issue) text() string {
	if i.Expression == "" {
		return i.Diagnostics
	}
	return i.Expression + ": " + i.Diagnostics
}

type outcome struct {
	ResourceType string         `json:"resourceType"`
	Issue        []outcomeIssue `json:"issue"`
}

type outcomeIssue struct {
	Severity    string   `json:"severity"`
	Code        string   `json:"code"`
	Diagnostics string   `json:"diagnostics,omitempty"`
	Expression  []string `json:"expression,omitempty"`
}

// OperationOutcome renders issues as the JSON of an OperationOutcome (R4,
// section 2.28). An outcome must hold an issue; without any it says that all
// went well.
func OperationOutcome(issues ...Issue) []byte {
	if len(issues) == 0 {
		issues = []Issue{{Severity: "information", Code: "informational", Diagnostics: "All OK"}}
	}
	o := outcome{ResourceType: "OperationOutcome"}
	for _, i := range issues {
		row := outcomeIssue{Severity: i.Severity, Code: i.Code, Diagnostics: i.Diagnostics}
		if i.Expression != "" {
			row.Expression = []string{i.Expression}
		}
		o.Issue = append(o.Issue, row)
	}
	return encode(o)
}

// encode renders a value of our own types, none of which can fail to encode.
func encode(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("fhir: " + err.Error())
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
