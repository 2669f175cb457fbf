package path

import (
	"errors"
	"testing"
)

func TestCollections(t *testing.T) {
	check(t, patient, []row{
		{"(1 | 2 | 3).first()", "Integer:1"}, {"(1 | 2 | 3).last()", "Integer:3"}, {"(1 | 2 | 3).tail()", "Integer:2 Integer:3"}, {"{}.tail()", ""},
		{"(1 | 2 | 3).skip(1).take(1)", "Integer:2"}, {"(1 | 2).take(-1)", ""}, {"(1 | 2).skip(-1)", "Integer:1 Integer:2"}, {"(1 | 2).take({})", "!"},
		{"(1 | 2).single()", "!"}, {"1.single()", "Integer:1"}, {"{}.single()", ""},
		{"1.combine(1)", "Integer:1 Integer:1"}, {"1.union(1 | 2)", "Integer:1 Integer:2"}, {"(1 | 2 | 3).intersect(3 | 1)", "Integer:1 Integer:3"},
		{"(1 | 2).exclude(2)", "Integer:1"}, {"(1 | 2).subsetOf(3 | 2 | 1)", "Boolean:true"}, {"(1 | 2).supersetOf(3)", "Boolean:false"},
		{"1.combine(1).isDistinct()", "Boolean:false"}, {"1.combine(1).distinct()", "Integer:1"}, {"{}.isDistinct()", "Boolean:true"},
		{"(1 | 2 | 3).where($this > 1)", "Integer:2 Integer:3"}, {"(1 | 2).select($this + 1)", "Integer:2 Integer:3"}, {"(1 | 2).all($this > 1)", "Boolean:false"},
		{"{}.all(false)", "Boolean:true"}, {"(1 | 2).exists($this = 2)", "Boolean:true"}, {"(1 | 2).count()", "Integer:2"},
		{"(1 | 2 | 3).aggregate($this + $total, 10)", "Integer:16"}, {"(true | false).anyTrue()", "Boolean:true"}, {"(true | false).allTrue()", "Boolean:false"},
		{"{}.allFalse()", "Boolean:true"}, {"{}.anyFalse()", "Boolean:false"}, {"(true | 1).allTrue()", "!"},
		{"iif(true, 1, 1 | 2.foo)", "Integer:1"}, {"iif({}, 1)", ""}, {"iif(1, 2)", "!"}, {"(3 | 1 | 2).sort(-$this)", "Integer:3 Integer:2 Integer:1"},
		{"name.sort(-use).use", "code:usual code:official code:maiden"}, {"{}.not()", ""}, {"(1 | 2).not()", "!"},
		{"('a' | 'b').trace('t')", "String:a String:b"}, {"1.repeat($this + 1)", "!"}, {"1.repeatAll($this)", "!"},
	})
}

func TestStrings(t *testing.T) {
	check(t, patient, []row{
		{"'héllo'.length()", "Integer:5"}, {"'héllo'.substring(1, 2)", "String:él"}, {"'abc'.substring(5)", ""}, {"'abc'.substring(1, -1)", "String:"},
		{"'héllo'.indexOf('l')", "Integer:2"}, {"'abc'.indexOf('x')", "Integer:-1"}, {"'abcb'.lastIndexOf('b')", "Integer:3"},
		{"gender.upper()", "String:MALE"}, {"' a '.trim()", "String:a"}, {"'abc'.toChars()", "String:a String:b String:c"},
		{"'a,b'.split(',')", "String:a String:b"}, {"name.given.first().startsWith('Pe')", "Boolean:true"}, {"('a' | 'b').join('-')", "String:a-b"}, {"{}.join()", ""},
		{"'abc'.replace('b', 'x')", "String:axc"}, {"'abc'.replace('', '-')", "String:-a-b-c-"}, {"'abc'.matches('b')", "Boolean:true"}, {"'abc'.matchesFull('b')", "Boolean:false"},
		{"'ab'.matches('a' & '.')", "Boolean:true"}, {"'ab'.matches('(' & '.')", "!"}, {"'abc'.replaceMatches('(b)', '<$1x>')", "String:a<bx>c"},
		{"'a'.encode('hex').decode('hex')", "String:a"}, {"'a'.encode('rot13')", ""}, {"'<'.escape('html').unescape('html')", "String:<"}, {`'"'.escape('json')`, `String:\"`},
		{"1.length()", "!"}, {"{}.length()", ""}, {"name.given.length()", "!"}, {`'\u00e9\'\n'.length()`, "Integer:3"}, {`'\ud83d\ude00'.length()`, "Integer:1"},
	})
}

func TestConversions(t *testing.T) {
	check(t, observation, []row{
		{"'5'.toInteger()", "Integer:5"}, {"'5.5'.toInteger()", ""}, {"5.5.toInteger()", ""}, {"true.toInteger()", "Integer:1"},
		{"'5.50'.toDecimal()", "Decimal:5.50"}, {"'1e3'.toDecimal()", ""}, {"'YES'.toBoolean()", "Boolean:true"}, {"2.toBoolean()", ""},
		{"5.50.toString()", "String:5.50"}, {"value.toString()", "String:185.0 '[lb_av]'"}, {"code.toString()", ""},
		{"'2020-02-30'.toDate()", ""}, {"'2020-02'.toDate()", "Date:2020-02"}, {"@2020-01-01T10:00:00Z.toDate()", "Date:2020-01-01"}, {"effective.toDate()", "Date:2016-03-28"},
		{"@2020.toDateTime()", "DateTime:2020"}, {"'10:30'.toTime()", "Time:10:30"}, {"'25:00'.toTime()", ""}, {"@T10.toDate()", ""},
		{"'5 \\'mg\\''.toQuantity()", "Quantity:5 'mg'"}, {"'5 days'.toQuantity()", "Quantity:5 days"}, {"'5 mg'.toQuantity()", ""}, {"5.toQuantity()", "Quantity:5 '1'"},
		{"'x'.convertsToQuantity()", "Boolean:false"}, {"{}.convertsToInteger()", ""}, {"(1 | 2).toString()", "!"}, {"'a'.convertsToString()", "Boolean:true"},
	})
}

func TestMath(t *testing.T) {
	check(t, patient, []row{
		{"(-5).abs()", "Integer:5"}, {"(-5.50).abs()", "Decimal:5.50"}, {"1.1.ceiling()", "Integer:2"}, {"(-1.1).ceiling()", "Integer:-1"}, {"(-1.1).floor()", "Integer:-2"},
		{"(-1.9).truncate()", "Integer:-1"}, {"1.5.round()", "Decimal:2"}, {"(-2.5).round()", "Decimal:-3"}, {"3.14159.round(3)", "Decimal:3.142"}, {"1.round(-1)", "!"},
		{"81.sqrt()", "Decimal:9"}, {"(-1).sqrt()", ""}, {"1.ln()", "Decimal:0"}, {"0.ln()", ""}, {"16.log(2)", "Decimal:4"}, {"0.exp()", "Decimal:1"},
		{"2.power(10)", "Integer:1024"}, {"2.5.power(2)", "Decimal:6.25"}, {"2.power(-1)", "Decimal:0.5"}, {"'a'.abs()", "!"}, {"1.587.lowBoundary(2)", "Decimal:1.58"},
		{"1.5870.precision()", "Integer:4"}, {"10000.power(10000)", ""},
	})
}

func TestConstants(t *testing.T) {
	check(t, patient, []row{
		{"%ucum", "String:http://unitsofmeasure.org"}, {"%sct", "String:http://snomed.info/sct"}, {"%`vs-x`", "String:http://hl7.org/fhir/ValueSet/x"},
		{"%'ext-y'", "String:http://hl7.org/fhir/StructureDefinition/y"}, {"name.where(given = %name).family", ""}, {"name.given.first() = %name", "Boolean:true"}, {"%nothing", "!"},
		{"'<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>'.htmlChecks()", "Boolean:true"}, {"'<div xmlns=\"http://www.w3.org/1999/xhtml\"><script/>x</div>'.htmlChecks()", "Boolean:false"},
		{"'<div xmlns=\"http://www.w3.org/1999/xhtml\"> <br/></div>'.htmlChecks()", "Boolean:false"}, {"'<div>x</div>'.htmlChecks()", "Boolean:false"}, {"{}.htmlChecks()", ""},
	})
}

func TestSystemItem(t *testing.T) {
	for typ, text := range map[string]string{"Boolean": "true", "Integer": "-5", "Decimal": "1.50", "String": "a", "Date": "2020-02",
		"DateTime": "2020-02-29T10:00:00Z", "Time": "10:30", "Quantity": "5 'mg'"} {
		i, ok := SystemItem(typ, text)
		if !ok || i.Type() != typ || i.String() != text {
			t.Errorf("%s %s: %s", typ, text, show([]Item{i}))
		}
	}
	for typ, text := range map[string]string{"Integer": "a", "Date": "2020-13", "Quantity": "mg", "HumanName": "a"} {
		if i, ok := SystemItem(typ, text); ok {
			t.Errorf("%s %s: %s", typ, text, i)
		}
	}
}

func TestRefusals(t *testing.T) {
	for expression, want := range map[string]struct {
		position int
		reason   string
	}{
		"name.weight()":        {5, "the function weight() is not supported: it needs the properties of code systems"},
		"name.nope()":          {5, "there is no function nope()"},
		"name.first(1)":        {5, "first() has the wrong number of arguments"},
		"value as Nope":        {9, "there is no type Nope"},
		"value.ofType(Nope)":   {13, "there is no type Nope"},
		"value is X.Y":         {9, "there is no namespace X"},
		"value.is('a')":        {9, "is() expects a type"},
		"'a'.matches('(')":     {12, "a regular expression is not valid"},
		"1 +":                  {3, "a name is expected here"},
		"(1":                   {2, `")" is expected here`},
		"a b":                  {2, "an operator or the end is expected here"},
		"'a":                   {0, "a quoted text does not end"},
		`'\q'`:                 {1, "an unknown escape"},
		"a /* b":               {2, "a comment does not end"},
		"@2020-13":             {0, "no valid date or time"},
		"a.$this":              {2, "$this cannot follow a point"},
		"#":                    {0, "an unexpected character"},
		"99999999999999999999": {0, "an integer is out of range"},
		"":                     {0, "a name is expected here"},
	} {
		_, err := Compile(expression)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Position != want.position || syntax.Reason != want.reason {
			t.Errorf("%q: %v", expression, err)
		}
	}
}
