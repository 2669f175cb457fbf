package deid

import "tributary/fhir/tree"

const usCore = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"

// omb are the parts of a race or ethnicity that leave, if they are not rare;
// "detailed" categories are finer, and their text is text.
const omb = "ombCategory"

// demographics leaves the US Core extensions of a Patient that say race,
// ethnicity and birth sex, in categories that are not rare.
func demographics(w *writer, v tree.Value) bool {
	switch url := v.Get("url").Text(); url {
	case usCore + "race", usCore + "ethnicity":
		w.out = append(w.out, `{"extension":`...)
		if !w.value(v.Get("extension"), category) {
			return false
		}
		w.out = append(append(w.out, `,"url":"`...), url...)
		w.out = append(w.out, `"}`...)
		return true
	case usCore + "birthsex":
		sex := v.Get("valueCode").Text()
		if !w.release.common[Code{url, sex}] || !public("http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", sex) {
			return false
		}
		w.out = append(append(append(w.out, `{"url":"`...), url...), `","valueCode":`...)
		w.quoted(sex)
		w.out = append(w.out, '}')
		return true
	}
	return false
}

func category(w *writer, v tree.Value) bool {
	c := v.Get("valueCoding")
	system, code := c.Get("system").Text(), c.Get("code").Text()
	if v.Get("url").Text() != omb || !public(system, code) || !w.release.common[Code{system, code}] {
		return false
	}
	w.out = append(w.out, `{"url":"`+omb+`","valueCoding":`...)
	w.coded(system, code)
	w.out = append(w.out, '}')
	return true
}

// Demographics lists the codes of a Patient that may be rare: what a release
// counts before it begins, to know which are.
func Demographics(patient tree.Value) []Code {
	var codes []Code
	for e := range patient.Get("extension").Elements() {
		switch url := e.Get("url").Text(); url {
		case usCore + "race", usCore + "ethnicity":
			for part := range e.Get("extension").Elements() {
				if part.Get("url").Text() == omb {
					c := part.Get("valueCoding")
					codes = append(codes, Code{c.Get("system").Text(), c.Get("code").Text()})
				}
			}
		case usCore + "birthsex":
			codes = append(codes, Code{url, e.Get("valueCode").Text()})
		}
	}
	return codes
}
