package path

import (
	"strconv"

	"tributary/fhir/tree"
	"tributary/fhir/ucum"
)

// long is a System.Long of FHIRPath 3: an integer that says so.
type long int64

// typeInfo is what type() gives.
type typeInfo struct{ namespace, name, base string }

func systemType(v any) string {
	switch v := v.(type) {
	case bool:
		return "Boolean"
	case int64:
		return "Integer"
	case long:
		return "Long"
	case decimal:
		return "Decimal"
	case string:
		return "String"
	case quantity:
		return "Quantity"
	case temporal:
		return [...]string{kindDate: "Date", kindDateTime: "DateTime", kindTime: "Time"}[v.kind]
	case typeInfo:
		return "SimpleTypeInfo"
	case service:
		return "Terminologies"
	}
	return ""
}

// text is the string of a System value, as toString() gives it.
func text(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case long:
		return strconv.FormatInt(int64(v), 10)
	case string:
		return v
	case decimal:
		return v.String()
	case temporal:
		return v.String()
	case quantity:
		return v.String()
	case typeInfo:
		return v.namespace + "." + v.name
	}
	return ""
}

// value is the System value of the item: what was computed, or what FHIR's
// primitive converts to (FHIR R4, section 2.9.2); nil if it has none.
func (i Item) value() any {
	switch {
	case i.form == formValue:
		return i.val
	case i.form != formNode:
		return nil
	}
	switch i.node.Kind() {
	case tree.Bool:
		return i.node.True()
	case tree.Number:
		return i.number()
	case tree.String:
		return i.textValue()
	}
	return nil
}

func (i Item) number() any {
	if i.typ != nil && i.typ.Is("integer") {
		if n, err := strconv.ParseInt(i.node.Text(), 10, 64); err == nil {
			return n
		}
	}
	d, err := parseDecimal(i.node.Text())
	if err != nil {
		return nil
	}
	return d
}

var temporalTypes = map[string]temporalKind{
	"date": kindDate, "dateTime": kindDateTime, "instant": kindDateTime, "time": kindTime,
}

// textValue keeps a date that is none as its text: it is still there.
func (i Item) textValue() any {
	s := i.node.Text()
	if i.typ == nil {
		return s
	}
	if kind, ok := temporalTypes[i.typ.Name]; ok {
		if t, ok := parseTemporal(kind, s); ok {
			return t
		}
	}
	return s
}

// quantity is the item as a System.Quantity: a computed one, a FHIR Quantity,
// or a number without unit.
func (i Item) quantity() (quantity, bool) {
	if i.form == formNode && i.typ != nil && i.typ.Is("Quantity") {
		return fhirQuantity(i.node)
	}
	switch v := i.value().(type) {
	case quantity:
		return v, true
	case int64:
		return quantity{fromInt(v), "1", false}, true
	case long:
		return quantity{fromInt(int64(v)), "1", false}, true
	case decimal:
		return quantity{v, "1", false}, true
	}
	return quantity{}, false
}

// fhirQuantity takes UCUM's code where there is one, otherwise the unit as it
// is written. A comparator leaves the value open.
func fhirQuantity(v tree.Value) (quantity, bool) {
	d, err := parseDecimal(v.Get("value").Text())
	if err != nil || v.Get("comparator").Exists() {
		return quantity{}, false
	}
	if v.Get("system").Text() == ucum.System && v.Get("code").Exists() {
		return quantity{d, v.Get("code").Text(), false}, true
	}
	return quantity{d, v.Get("unit").Text(), false}, true
}

// isQuantity tells items that compare as quantities.
func (i Item) isQuantity() bool {
	if i.form == formValue {
		_, ok := i.val.(quantity)
		return ok
	}
	return i.form == formNode && i.typ != nil && i.typ.Is("Quantity")
}
