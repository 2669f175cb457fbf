package search

import (
	"slices"
	"strings"
)

// reader reads the values of one parameter.
type reader struct {
	*parser
	param    *Param
	shape    *shape
	mode     StringMode // of the modifier
	typed    bool       // :of-type
	set      bool       // :in and :not-in
	words    bool       // :text
	tree     bool       // :below and :above
	overlaps bool       // of a date with the prefix ap: as it stands, not widened
	only     string     // of a reference: the type that the modifier names
}

// value reads one alternative; text still has its escapes.
func (v *reader) value(text string) (Value, *QueryError) {
	if text == "" {
		return nil, invalid("a value is expected")
	}
	switch {
	case v.param.Code == ID:
		return v.id(text)
	case v.words:
		return v.labelled(text)
	}
	return readers[v.param.Kind](v, text)
}

var readers map[Kind]func(v *reader, text string) (Value, *QueryError)

func init() {
	readers = map[Kind]func(v *reader, text string) (Value, *QueryError){
		Token: (*reader).token, Reference: (*reader).reference, String: (*reader).text, Date: (*reader).date,
		Special: (*reader).special, Number: (*reader).number, Quantity: (*reader).quantity, URI: (*reader).uri, Composite: (*reader).composite,
	}
}

// cut splits at the separators that no backslash escapes (R4, section 3.1.1.4.19).
func cut(text string, separator byte) []string {
	var parts []string
	from := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

var escapes = strings.NewReplacer(`\,`, `,`, `\$`, `$`, `\|`, `|`, `\\`, `\`)

func plainText(text string) string { return escapes.Replace(text) }

var escape = strings.NewReplacer(`,`, `\,`, `$`, `\$`, `|`, `\|`, `\`, `\\`)

// codes are the tokens of value sets, as they would stand in a query.
func (p *parser) codes(urls []string) (tokens []string, fault *QueryError) {
	for _, url := range urls {
		codes, ok := p.options.ValueSet(plainText(url))
		if !ok {
			return nil, invalid("the value set is not known here, or its codes are not listed in it")
		}
		for _, c := range codes {
			tokens = append(tokens, escape.Replace(c.System)+"|"+escape.Replace(c.Code))
		}
	}
	return tokens, nil
}

// subsumed are the codes that stand at or below, or at or above, those asked for.
func (v *reader) subsumed(asked []string) (tokens []string, fault *QueryError) {
	for _, text := range asked {
		parts := cut(text, '|')
		if len(parts) > 2 || parts[len(parts)-1] == "" {
			return nil, invalid("code or system|code is expected")
		}
		system, code := v.shape.system, plainText(parts[len(parts)-1])
		if len(parts) == 2 {
			system = plainText(parts[0])
		}
		codes, ok := v.options.Subsumed(system, code, v.mode == Below)
		if !ok {
			return nil, invalid("the code, or what its system places below and above it, is not known here; ask for system|code of a CodeSystem that is loaded")
		}
		for _, c := range codes {
			tokens = append(tokens, escape.Replace(c.System)+"|"+escape.Replace(c.Code))
		}
	}
	return tokens, nil
}

func (v *reader) id(text string) (Value, *QueryError) {
	if !isID(text) {
		return nil, invalid("a resource id is expected: up to 64 letters, digits, - and .")
	}
	return IDValue{text}, nil
}

// token reads code, |code, system|code or system|.
func (v *reader) token(text string) (Value, *QueryError) {
	parts := cut(text, '|')
	if v.typed {
		return ofType(parts)
	}
	code := plainText(parts[len(parts)-1])
	if v.shape.folded {
		code = strings.ToLower(code)
	}
	if len(parts) > 2 || len(parts) == 2 && parts[0] == "" && code == "" {
		return nil, invalid(`code, system|code, |code or system| is expected (a | in a value is written \|)`)
	}
	if len(parts) == 1 {
		return TokenValue{CodeHash(code)}, nil
	}
	system := plainText(parts[0])
	if v.shape.implied {
		return v.impliedToken(system, code), nil
	}
	return TokenValue{TokenHash(system, code)}, nil
}

// ofType reads system|code|value, where system and code are of the
// identifier's type.
func ofType(parts []string) (Value, *QueryError) {
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return nil, invalid("system|code|value is expected, system and code being of the identifier's type")
	}
	return TokenValue{typedHash(plainText(parts[0]), plainText(parts[1]), plainText(parts[2]))}, nil
}

// impliedToken is a token of an element whose system is not written out, and
// so not in the index.
func (v *reader) impliedToken(system, code string) Value {
	switch {
	case system != "" && v.shape.system != "" && system != v.shape.system:
		return TokenValue{}
	case code == "" && v.shape.system == "":
		return TokenValue{}
	case code == "":
		return anyToken{}
	}
	return TokenValue{CodeHash(code)}
}

// reference reads id, Type/id or a URL.
func (v *reader) reference(text string) (Value, *QueryError) {
	text = plainText(text)
	if isID(text) {
		types := v.param.Targets
		if v.only != "" {
			types = []string{v.only}
		}
		targets := make([]int64, len(types))
		for i, typ := range types {
			targets[i] = int64(KeyOf(typ, text))
		}
		return ReferenceValue{Targets: targets, Patient: len(types) == 1 && types[0] == "Patient"}, nil
	}
	hash, ok := Target(text, v.options.Base)
	if !ok {
		return nil, invalid("an id, Type/id or a URL is expected")
	}
	typ, _, own := Own(text, v.options.Base)
	if own && !v.allows(typ) {
		return ReferenceValue{}, nil
	}
	if version, ok := versioned(text, v.options.Base); ok {
		return ReferenceValue{Targets: []int64{version}}, nil
	}
	return ReferenceValue{Targets: []int64{hash}, Patient: own && typ == "Patient"}, nil
}

// allows tells whether a reference to the type may be what is asked for.
func (v *reader) allows(typ string) bool {
	return (v.only == "" || v.only == typ) && (!v.param.narrows() || slices.Contains(v.param.Targets, typ))
}

func (v *reader) text(text string) (Value, *QueryError) {
	text = plainText(text)
	folded := Fold(text)
	if folded == "" && v.mode != Exact {
		return nil, invalid("a text is expected")
	}
	return StringValue{v.mode, folded, exact(text)}, nil
}

func (v *reader) uri(text string) (Value, *QueryError) {
	return URIValue{v.mode, plainText(text)}, nil
}

var prefixes = map[string]Prefix{
	"eq": Eq, "ne": Ne, "gt": Gt, "lt": Lt, "ge": Ge, "le": Le, "sa": Sa, "eb": Eb, "ap": Ap,
}

// prefix takes the comparison prefix off a value.
func prefix(text string) (Prefix, string) {
	if len(text) > 2 {
		if p, ok := prefixes[text[:2]]; ok {
			return p, text[2:]
		}
	}
	return Eq, text
}

func (v *reader) date(text string) (Value, *QueryError) {
	p, text := prefix(text)
	i, ok := dateInterval(text)
	if !ok {
		return nil, invalid("a date is expected: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]] with a time zone, after one of the prefixes " + prefixList)
	}
	if p == Ap && !v.overlaps { // a tenth of the distance from now, to either side
		now := v.options.Now.UnixMicro()
		i.lo, i.hi = i.lo-distance(now, i.lo)/10, i.hi+distance(now, i.hi)/10
	}
	return DateValue{p, i.lo, i.hi}, nil
}

const prefixList = "eq, ne, gt, lt, ge, le, sa, eb, ap or none"

func distance(a, b int64) int64 { return max(a-b, b-a) }

// composite reads the values of the components, joined by $.
func (v *reader) composite(text string) (Value, *QueryError) {
	parts := cut(text, '$')
	if len(parts) != len(v.param.Components) {
		return nil, &QueryError{Reason: "values are expected, joined by $, for", Valid: v.componentCodes()}
	}
	var value CompositeValue
	for i, part := range parts {
		c := v.param.Components[i].Param
		inner := reader{parser: v.parser, param: c, shape: v.registry.types[v.param.Type].shape(c), mode: modifiers[c.Kind][""].mode}
		if i == 0 && c.Kind == Token && strings.HasSuffix(part, "|") {
			return nil, invalid("the first part of a composite needs a code")
		}
		one, fault := inner.value(part)
		if fault != nil {
			fault.Reason = c.Code + ": " + fault.Reason
			return nil, fault
		}
		if _, any := one.(anyToken); any {
			return nil, invalid(c.Code + ": a code is expected")
		}
		value.Parts = append(value.Parts, one)
	}
	return value, nil
}

func (v *reader) componentCodes() []string {
	codes := make([]string, len(v.param.Components))
	for i, c := range v.param.Components {
		codes[i] = c.Param.Code
	}
	return codes
}
