package search

import (
	"strings"

	"tributary/fhir/tree"
)

// TokenHash is the row of a token with its system: TokenHash(system, code) of
// system|code, TokenHash("", code) of |code, a code without system, and
// TokenHash(system, "") of system|, any code of the system.
func TokenHash(system, code string) int64 { return Hash(system, "\x00", code) }

// CodeHash is the row of a token by its code alone, whatever the system.
func CodeHash(code string) int64 { return Hash("\x01", code) }

// typedHash is the row of an identifier by its type and value (:of-type).
func typedHash(system, code, value string) int64 {
	return Hash("\x02", system, "\x00", code, "\x00", value)
}

// coding is a token before it is hashed. An implied one belongs to an element
// of type code or boolean, whose system follows from the element.
type coding struct {
	system, code string
	implied      bool
}

// codings lists the tokens in a value (R4, section 3.1.1.4.10).
func codings(dst []coding, v tree.Value, typ string) []coding {
	if list, ok := tokenTypes[typ]; ok {
		return list(dst, v)
	}
	return append(dst, coding{code: v.Text()})
}

// tokenTypes list the tokens of the types that are not just a text.
var tokenTypes map[string]func([]coding, tree.Value) []coding

func init() {
	tokenTypes = map[string]func([]coding, tree.Value) []coding{
		"Coding": codingTokens, "CodeableConcept": conceptTokens, "Identifier": identifierTokens,
		"ContactPoint": contactTokens, "code": impliedTokens, "boolean": impliedTokens,
		"Extension": extensionTokens, "string": foldedTokens,
		"Range": noTokens, "Quantity": noTokens, "Reference": noTokens,
	}
}

func noTokens(dst []coding, _ tree.Value) []coding { return dst }

func codingTokens(dst []coding, v tree.Value) []coding {
	return appendCoding(dst, v.Get("system").Text(), v.Get("code").Text())
}

func appendCoding(dst []coding, system, code string) []coding {
	if system == "" && code == "" {
		return dst
	}
	return append(dst, coding{system: system, code: code})
}

func conceptTokens(dst []coding, v tree.Value) []coding {
	for c := range v.Get("coding").Elements() {
		dst = codingTokens(dst, c)
	}
	return dst
}

func identifierTokens(dst []coding, v tree.Value) []coding {
	return appendCoding(dst, v.Get("system").Text(), v.Get("value").Text())
}

// contactTokens takes the kind of a contact for its system, so that both
// telecom=a@b.c and telecom=email|a@b.c find it; case does not matter.
func contactTokens(dst []coding, v tree.Value) []coding {
	if value := v.Get("value").Text(); value != "" {
		return append(dst, coding{system: v.Get("system").Text(), code: strings.ToLower(value)})
	}
	return dst
}

func impliedTokens(dst []coding, v tree.Value) []coding {
	return append(dst, coding{code: v.Text(), implied: true})
}

// foldedTokens are of strings, which are tokens where case does not matter.
func foldedTokens(dst []coding, v tree.Value) []coding {
	return append(dst, coding{code: strings.ToLower(v.Text())})
}

func extensionTokens(dst []coding, v tree.Value) []coding {
	if value, typ, ok := extensionValue(v); ok {
		return codings(dst, value, typ)
	}
	return dst
}

// rows are the hashes under which the token is found.
func (c coding) rows(dst []int64) []int64 {
	switch {
	case c.implied:
		return append(dst, CodeHash(c.code))
	case c.code == "":
		return append(dst, TokenHash(c.system, ""))
	case c.system == "":
		return append(dst, CodeHash(c.code), TokenHash("", c.code))
	}
	return append(dst, CodeHash(c.code), TokenHash(c.system, c.code), TokenHash(c.system, ""))
}

// cell is the token as a part of a composite that is not the first.
func (c coding) cell() Cell {
	if c.implied {
		return Cell{A: CodeHash(c.code), B: CodeHash(c.code)}
	}
	cell := Cell{A: TokenHash(c.system, c.code), B: CodeHash(c.code)}
	if c.system != "" {
		cell.C = TokenHash(c.system, "")
	}
	return cell
}
