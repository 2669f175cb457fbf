package survey

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"tributary/fhir/ucum"
)

// Value is one answer: a value[x] of R4's QuestionnaireResponse.item.answer.
type Value struct {
	Type string // Boolean, Integer, Decimal, Date, DateTime, Time, String, Uri, Coding, Quantity, Attachment, Reference
	Text string // of a primitive, as FHIR writes it: 6.50 stays 6.50

	Coding     *Coding
	Quantity   *Quantity
	Attachment *Attachment
	Reference  *Reference
}

// Coding is a code of a system.
type Coding struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`

	Label Text `json:"-"` // the display, by language
}

// Quantity is a number with its unit.
type Quantity struct {
	Value  json.Number `json:"value,omitempty"`
	Unit   string      `json:"unit,omitempty"`
	System string      `json:"system,omitempty"`
	Code   string      `json:"code,omitempty"`

	Label Text `json:"-"` // the unit, by language
}

// Attachment is a file that is kept as a Binary. It has no title: the name of a
// file may be somebody's.
type Attachment struct {
	ContentType string `json:"contentType,omitempty"`
	URL         string `json:"url,omitempty"` // Binary/id
	Size        int64  `json:"size,omitempty"`
	Hash        string `json:"hash,omitempty"` // SHA-1, as R4 has it

	data []byte // of one that is not kept yet
}

// ID is the id of the Binary.
func (a *Attachment) ID() string { return strings.TrimPrefix(a.URL, "Binary/") }

// Reference names a resource.
type Reference struct {
	Reference string `json:"reference"`
	Display   string `json:"display,omitempty"`
}

// bare are the types whose JSON is their text.
var bare = map[string]bool{"Boolean": true, "Integer": true, "Decimal": true}

// quoted are the types whose JSON is their text as a string.
var quoted = map[string]bool{"Date": true, "DateTime": true, "Time": true, "String": true, "Uri": true}

// structured returns the place for the value of a type that has parts.
func (v *Value) structured() any {
	switch v.Type {
	case "Coding":
		return &v.Coding
	case "Quantity":
		return &v.Quantity
	case "Attachment":
		return &v.Attachment
	case "Reference":
		return &v.Reference
	}
	return nil
}

// content is the value as JSON has it.
func (v Value) content() any {
	switch {
	case bare[v.Type]:
		return json.RawMessage(v.Text)
	case quoted[v.Type]:
		return v.Text
	}
	return v.structured()
}

// MarshalJSON writes the object {"value[x]": …}.
func (v Value) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"value" + v.Type: v.content()})
}

// UnmarshalJSON reads the value[x] of an object, and passes over its other members.
func (v *Value) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	return v.from("value", members)
}

// from reads the member prefix+Type.
func (v *Value) from(prefix string, members map[string]json.RawMessage) error {
	for name, raw := range members {
		typ, ok := strings.CutPrefix(name, prefix)
		switch v.Type = typ; {
		case !ok:
			continue
		case bare[typ]:
			v.Text = string(raw)
			return nil
		case quoted[typ]:
			return json.Unmarshal(raw, &v.Text)
		}
		if into := v.structured(); into != nil {
			return json.Unmarshal(raw, into)
		}
	}
	return fmt.Errorf("survey: no value that is an answer")
}

// same tells whether two values say the same; how a code is displayed, in which
// language, says nothing.
func (v Value) same(w Value) bool {
	if v.Type != w.Type {
		return false
	}
	switch v.Type {
	case "Coding":
		return v.Coding.Code == w.Coding.Code && v.Coding.System == w.Coding.System
	case "Reference":
		return v.Reference.Reference == w.Reference.Reference
	case "Quantity":
		return v.Quantity.Value == w.Quantity.Value && v.Quantity.Code == w.Quantity.Code && (v.Quantity.Code != "" || v.Quantity.Unit == w.Quantity.Unit)
	case "Attachment":
		return v.Attachment.URL == w.Attachment.URL && v.Attachment.Hash == w.Attachment.Hash
	}
	return v.Text == w.Text
}

// compare orders two values of types that have an order; ok is false where one
// cannot be told: other types, units of something else.
func (v Value) compare(w Value) (order int, ok bool) {
	if x, isNumber := v.number(); isNumber {
		y, both := w.number()
		if !both {
			return 0, false
		}
		return x.Cmp(y), true
	}
	switch {
	case v.Type == "Quantity" && w.Type == "Quantity":
		return v.Quantity.compare(w.Quantity)
	case v.Type == "DateTime" || w.Type == "DateTime":
		return moments(v, w)
	case v.Type != w.Type || v.Type != "Date" && v.Type != "Time" && v.Type != "String":
		return 0, false
	}
	return strings.Compare(v.Text, w.Text), true
}

func (v Value) number() (*big.Rat, bool) {
	if v.Type != "Integer" && v.Type != "Decimal" {
		return nil, false
	}
	return new(big.Rat).SetString(v.Text)
}

// compare orders two amounts, of one unit or of two that convert into each other.
func (q *Quantity) compare(p *Quantity) (order int, ok bool) {
	x, known := new(big.Rat).SetString(string(q.Value))
	y, both := new(big.Rat).SetString(string(p.Value))
	switch {
	case !known || !both:
		return 0, false
	case q.Code == p.Code && q.System == p.System && (q.Code != "" || q.Unit == p.Unit):
		return x.Cmp(y), true
	}
	u, err := ucum.Parse(q.Code)
	if err != nil || q.System != ucum.System {
		return 0, false
	}
	w, err := ucum.Parse(p.Code)
	if err != nil || p.System != ucum.System {
		return 0, false
	}
	return ucum.Compare(x, u, y, w)
}

// moments orders two times, or the days of which they are.
func moments(v, w Value) (order int, ok bool) {
	x, err := time.Parse(time.RFC3339, v.Text)
	y, also := time.Parse(time.RFC3339, w.Text)
	if err == nil && also == nil {
		return x.Compare(y), true
	}
	n := min(len(v.Text), len(w.Text), len(time.DateOnly))
	return strings.Compare(v.Text[:n], w.Text[:n]), n > 0
}
