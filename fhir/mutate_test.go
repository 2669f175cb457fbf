package fhir_test

import (
	"fmt"
	"math/rand/v2"

	"tributary/fhir"
	"tributary/fhir/tree"
)

// mutator changes documents at random, so that they stay JSON.
type mutator struct {
	*rand.Rand
	docs  []tree.Value
	nodes []tree.Value // all values of all documents
}

func newMutator(docs [][]byte, seed uint64) *mutator {
	m := &mutator{Rand: rand.New(rand.NewPCG(seed, seed))}
	for _, src := range docs {
		root, err := tree.Parse(src)
		if err != nil {
			continue
		}
		m.docs = append(m.docs, root)
		root.Walk(func(v tree.Value) bool { m.nodes = append(m.nodes, v); return true })
	}
	return m
}

// mutated is a document with one to three changes, now and then none.
func (m *mutator) mutated() []byte {
	src := m.docs[m.IntN(len(m.docs))].Source()
	for range m.IntN(4) {
		root, err := tree.Parse(src)
		if err != nil {
			return src
		}
		var nodes []tree.Value
		root.Walk(func(v tree.Value) bool { nodes = append(nodes, v); return true })
		if len(nodes) > 1 {
			src = m.changed(nodes[1+m.IntN(len(nodes)-1)])
		}
	}
	return src
}

// changed is the document with one change at the value.
func (m *mutator) changed(v tree.Value) []byte {
	edit := tree.Replace(v, v.Raw())
	raw := string(v.Raw())
	switch m.IntN(9) {
	case 0:
		raw = values[m.IntN(len(values))]
	case 1:
		raw = twisted(m.Rand, raw)
	case 2:
		raw = string(m.nodes[m.IntN(len(m.nodes))].Raw())
	case 3:
		raw = "[" + raw + "]"
	case 4:
		if v.Kind() == tree.Array && v.Len() > 0 {
			raw = string(v.First().Raw())
		}
	case 5:
		return m.renamed(v)
	case 6:
		return m.added(v)
	case 7:
		raw = values[m.IntN(len(values))]
		if v.Parent().Kind() == tree.Array {
			raw += "," + string(v.Raw())
		}
	case 8:
		return m.dropped(v)
	}
	edit.New = []byte(raw)
	return tree.Apply(v.Source(), []tree.Edit{edit})
}

// renamed gives a member the name of another element, of its object's type as a
// rule.
func (m *mutator) renamed(v tree.Value) []byte {
	start, end := v.KeySpan()
	if end == 0 {
		return v.Source()
	}
	return tree.Apply(v.Source(), []tree.Edit{{Start: start, End: end, New: fmt.Appendf(nil, "%q", m.name(v.Parent()))}})
}

func (m *mutator) name(object tree.Value) string {
	if names := fhir.ElementNames(object); len(names) > 0 && m.IntN(10) > 0 {
		return names[m.IntN(len(names))]
	}
	return m.nodes[m.IntN(len(m.nodes))].Key()
}

// added puts a member before another one.
func (m *mutator) added(v tree.Value) []byte {
	start, end := v.KeySpan()
	if end == 0 {
		return v.Source()
	}
	raw := values[m.IntN(len(values))]
	if m.IntN(2) == 0 {
		raw = string(m.nodes[m.IntN(len(m.nodes))].Raw())
	}
	return tree.Apply(v.Source(), []tree.Edit{{Start: start, End: start, New: fmt.Appendf(nil, "%q:%s,", m.name(v.Parent()), raw)}})
}

// dropped leaves a value out, with its name.
func (m *mutator) dropped(v tree.Value) []byte {
	p := v.Parent()
	if !v.Next().Exists() || p.First().Same(v) && p.Len() == 1 {
		return v.Source()
	}
	start, end := v.KeySpan()
	if end == 0 {
		start, _ = v.Span()
	}
	next, last := v.Next().KeySpan()
	if last == 0 {
		next, _ = v.Next().Span()
	}
	return tree.Apply(v.Source(), []tree.Edit{{Start: start, End: next}})
}

// twisted changes one sign of a JSON value.
func twisted(random *rand.Rand, raw string) string {
	if len(raw) < 3 {
		return raw
	}
	i := 1 + random.IntN(len(raw)-2)
	const signs = "0123456789-+:.TZeE /%#?abzAZ_|é\u2003"
	sign := string([]rune(signs)[random.IntN(len([]rune(signs)))])
	changed := raw[:i] + sign + raw[i+random.IntN(2):]
	if _, err := tree.Parse([]byte(changed)); err != nil {
		return raw
	}
	return changed
}

// values are of every kind that a client may send, right in one place or another.
var values = []string{
	`""`, `" "`, `"a"`, `"a b"`, `"a  b"`, `" a"`, `"a "`, `"a\tb"`, `"a\n"`, `"\u0001"`, `"\u0000"`, `"\u007f"`, `"\u00a0a"`, `"é"`, `"\ud83d\ude00"`,
	`"1970"`, `"0000"`, `"-1970"`, `"19700"`, `"1970-01"`, `"1970-00"`, `"1970-13"`, `"1970-01-01"`, `"1970-02-29"`, `"2000-02-29"`, `"1900-02-29"`,
	`"1970-04-31"`, `"1970-01-00"`, `"1970-01-32"`, `"1970\u002d01"`, `"1970-01-01T00:00:00Z"`, `"1970-01-01T00:00Z"`, `"1970-01-01T00:00:00"`,
	`"1970-01-01T24:00:00Z"`, `"1970-01-01T23:60:00Z"`, `"1970-01-01T23:59:60Z"`, `"1970-01-01T23:59:59.1Z"`, `"1970-01-01T23:59:59.Z"`,
	`"1970-01-01T23:59:59.123456789Z"`, `"1970-01-01T23:59:59.1234567890123Z"`, `"1970-01-01T23:59:59,5Z"`, `"1970-01-01T23:59:59+14:00"`,
	`"1970-01-01T23:59:59+14:01"`, `"1970-01-01T23:59:59-13:59"`, `"1970-01-01T23:59:59-00:60"`, `"1970-01-01T23:59:59.5+01:00"`,
	`"1970-01-01T23:59:59z"`, `"1970-01-01t23:59:59Z"`, `"1970-01-01 23:59:59Z"`, `"10:00:00"`, `"10:00"`, `"24:00:00"`, `"10:00:00.5"`, `"10:00:60"`,
	`"http://a.b"`, `"http://a.b/c?d=e#f"`, `"http://a b"`, `"http://a:b"`, `"http://a:80/"`, `"http://[::1]/"`, `"http://[::1"`, `"http://"`, `"http:"`, `"http:///a"`,
	`"http://a%zz"`, `"http://a/%zz"`, `"http://a/%41"`, `"http://a/?%zz"`, `"http://a/#%zz"`, `"http://u:p@a/"`, `"http://_a/"`, `"http://./"`, `"https://a-/b"`,
	`"urn:"`, `"urn:a"`, `"urn:/a"`, `"urn://a"`, `"urn:oid:1.2.3"`, `"urn:oid:3.1"`, `"urn:oid:1.02"`, `"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"`,
	`"urn:uuid:C757873D-ec9a-4326-a141-556f43239520"`, `":a"`, `"a:b"`, `"1:b"`, `"a/b:c"`, `"%"`, `"%41"`, `"*"`, `"//a"`, `"#a"`, `"?a"`, `"|a"`, `"a\\b"`,
	`"Patient/1"`, `"Patient/1/_history/2"`, `"Patient/1/_history/a b"`, `"Organization/o"`, `"Encounter/e"`, `"Observation/x"`, `"Nothing/1"`, `"Resource/1"`,
	`"Patient?identifier=a|b"`, `"Patient?identifier=a/b"`, `"http://a.b/fhir/Patient/1"`, `"#"`, `"DataElement/1"`,
	`"AAAA"`, `"AAA="`, `"AA=="`, `"A==="`, `"AA AA"`, `"AAAA BBBB CC=="`, `"male"`, `"final"`, `"active"`, `"MALE"`, `"entered-in-error"`, `"entered_in_error"`,
	`"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"`, `"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggh"`,
	`0`, `-0`, `1`, `-1`, `0.0`, `1.50`, `1e2`, `1E-2`, `1e400`, `2147483647`, `2147483648`, `-2147483648`, `-2147483649`, `4294967296`, `99999999999999999999`,
	`true`, `false`, `null`, `[]`, `{}`, `[null]`, `[{}]`, `["a"]`, `[1]`, `{"id":"a"}`, `{"extension":[{"url":"a","valueBoolean":true}]}`, `{"reference":"Patient/1"}`,
	`{"reference":"Group/1","type":"Group"}`, `[{"reference":"Device/1"}]`, `{"value":"a"}`, `{"value":1,"unit":"kg"}`, `{"coding":[{"system":"http://a","code":"b"}]}`,
	`[{"system":"http://a","value":"b"}]`, `{"start":"2020","end":"2021-02-03T04:05:06Z"}`, `{"text":"a"}`,
	`"<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>"`, `{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>"}`,
	`{"resourceType":"Patient","id":"p"}`, `[{"resourceType":"Patient","id":"p"}]`, `{"resourceType":"Nothing"}`,
}
