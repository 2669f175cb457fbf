package mydata

import (
	"strings"

	"tributary/fhir/tree"
)

// plain is a text, a concept, a coding, a reference or a quantity as people read it.
func plain(v tree.Value) string {
	switch v.Kind() {
	case tree.String:
		return strings.TrimSpace(v.Text())
	case tree.Object:
	default:
		return ""
	}
	for _, name := range []string{"text", "display"} {
		if t := strings.TrimSpace(v.Get(name).Text()); t != "" {
			return t
		}
	}
	for c := range v.Get("coding").Elements() {
		if t := c.Get("display").Text(); t != "" {
			return t
		}
	}
	if t := v.At("coding").Index(0).Get("code").Text(); t != "" {
		return t
	}
	if v.Get("system").Exists() && !v.Get("value").Exists() {
		return v.Get("code").Text()
	}
	return ""
}

func conceptCode(v tree.Value) string { return v.Get("coding").Index(0).Get("code").Text() }

// valueOf is the result of an Observation, the dose of a prescription, the text of a
// note: what a reader looks for first.
func valueOf(root tree.Value) string {
	if v := valueIn(root); v != "" {
		return v
	}
	var parts []string
	for c := range root.Get("component").Elements() {
		if v := valueIn(c); v != "" {
			parts = append(parts, plain(c.Get("code"))+": "+v)
		}
	}
	if len(parts) > 0 {
		return clip(strings.Join(parts, "; "))
	}
	for _, path := range [][]string{{"dosageInstruction", "text"}, {"dosage", "text"}, {"conclusion"}, {"payload", "contentString"}} {
		for v := range root.Get(path[0]).Elements() {
			if len(path) > 1 {
				v = v.Get(path[1])
			}
			if text := v.Text(); text != "" {
				return clip(text)
			}
		}
	}
	return ""
}

// valueIn is the value[x] of an Observation or of a part of one.
func valueIn(v tree.Value) string {
	for name, value := range v.Members() {
		if strings.HasPrefix(name, "value") {
			return clip(scalar(value))
		}
	}
	if why := v.Get("dataAbsentReason"); why.Exists() {
		return plain(why)
	}
	return ""
}

// scalar is a value of any simple type.
func scalar(v tree.Value) string {
	if v.Kind() != tree.Object {
		return v.Text()
	}
	switch {
	case v.Get("numerator").Exists():
		return scalar(v.Get("numerator")) + " / " + scalar(v.Get("denominator"))
	case v.Get("low").Exists() || v.Get("high").Exists():
		return strings.TrimSpace(scalar(v.Get("low")) + " – " + scalar(v.Get("high")))
	case v.Get("value").Exists():
		return strings.TrimSpace(v.Get("comparator").Text() + v.Get("value").Text() + " " + unitOf(v))
	case v.Get("start").Exists() || v.Get("end").Exists():
		return strings.Trim(v.Get("start").Text()+" – "+v.Get("end").Text(), " –")
	}
	return plain(v)
}

// unitOf is the unit of a quantity as written, without the marks of UCUM.
func unitOf(q tree.Value) string {
	unit := q.Get("unit").Text()
	if unit == "" {
		unit = q.Get("code").Text()
	}
	return Unit(unit)
}

// Unit is a unit as people write it: without annotations that are no numbers, and with
// the usual signs.
func Unit(code string) string {
	for {
		from := strings.IndexByte(code, '{')
		to := strings.IndexByte(code, '}')
		if from < 0 || to < from {
			break
		}
		said := ""
		if annotation := code[from+1 : to]; annotation != "" && annotation[0] >= '0' && annotation[0] <= '9' {
			said = strings.ReplaceAll(annotation, "_", " ") // as of a body's surface: mL/min/{1.73_m2}
		}
		code = code[:from] + said + code[to+1:]
	}
	if code == "1" {
		return ""
	}
	var out strings.Builder
	for len(code) > 0 {
		n := strings.IndexAny(code, "/. ")
		if n < 0 {
			n = len(code)
		}
		part := code[:n]
		if sign, ok := units[part]; ok {
			part = sign
		}
		out.WriteString(part)
		out.WriteString(code[n:min(n+1, len(code))])
		code = code[min(n+1, len(code)):]
	}
	return out.String()
}

// units are parts of UCUM's codes as people write them.
var units = map[string]string{
	"mm[Hg]": "mmHg", "cm[H2O]": "cmH₂O", "[degF]": "°F", "Cel": "°C", "[lb_av]": "lb", "[oz_av]": "oz", "[in_i]": "in", "[in_us]": "in", "[ft_i]": "ft", "[iU]": "IU", "[IU]": "IU",
	"k[IU]": "kIU", "m[IU]": "mIU", "u[IU]": "µIU", "[pH]": "pH", "m2": "m²", "m3": "m³", "cm2": "cm²", "mm2": "mm²", "10*3": "10³", "10*6": "10⁶", "10*9": "10⁹", "10*12": "10¹²", "umol": "µmol",
	"ug": "µg", "uL": "µL", "um": "µm", "deg": "°", "[diop]": "D",
}
