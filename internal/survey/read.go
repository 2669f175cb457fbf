package survey

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Locale is how somebody reads and writes.
type Locale struct {
	Lang string         // en, es
	Zone *time.Location // of times of day; UTC when nil
}

func (l Locale) zone() *time.Location {
	if l.Zone == nil {
		return time.UTC
	}
	return l.Zone
}

// Other is what a form sends for the "something else" of an open choice; the
// text is in the field with ".other" at its end.
const Other = "_other"

const maxText = 2000 // characters, where the item sets no limit

// typed is what a form sends for one answer.
type typed struct{ text, other, unit, clock string }

// reader makes an answer of what was typed, or says what is wrong with it.
type reader func(i *Item, in typed, l Locale) (Value, string)

// readers are those of the item types that are typed or chosen. Files come apart.
var readers = map[string]reader{
	"choice":      readChoice,
	"open-choice": readOpenChoice,
	"reference":   readChoice,
	"boolean":     readBoolean,
	"integer":     readInteger,
	"decimal":     readDecimal,
	"quantity":    readQuantity,
	"date":        readDate,
	"dateTime":    readDateTime,
	"time":        readTime,
	"string":      readText,
	"text":        readText,
	"url":         readURL,
}

func readChoice(i *Item, in typed, l Locale) (Value, string) {
	o, ok := i.option(in.text)
	if !ok {
		return Value{}, say(l.Lang, sayShown)
	}
	return o.Value, ""
}

// readOpenChoice takes one of the options, or a text for something else.
func readOpenChoice(i *Item, in typed, l Locale) (Value, string) {
	switch {
	case in.text != Other:
		return readChoice(i, in, l)
	case in.other == "":
		return Value{}, say(l.Lang, sayOther)
	}
	return readText(i, typed{text: in.other}, l)
}

func readBoolean(_ *Item, in typed, l Locale) (Value, string) {
	if in.text != "true" && in.text != "false" {
		return Value{}, say(l.Lang, sayYesNo)
	}
	return Value{Type: "Boolean", Text: in.text}, ""
}

func readInteger(i *Item, in typed, l Locale) (Value, string) {
	n, err := strconv.ParseInt(in.text, 10, 32)
	if err != nil {
		return Value{}, say(l.Lang, sayWhole)
	}
	v := Value{Type: "Integer", Text: strconv.FormatInt(n, 10)}
	return v, i.outside(v, l)
}

// decimalPattern is a decimal as FHIR writes it; the text is kept, so that 6.50 stays 6.50.
var decimalPattern = regexp.MustCompile(`^-?(0|[1-9]\d{0,8})(\.\d{1,8})?$`)

func readDecimal(i *Item, in typed, l Locale) (Value, string) {
	text, complaint := i.decimal(in.text, l)
	if complaint != "" {
		return Value{}, complaint
	}
	v := Value{Type: "Decimal", Text: text}
	return v, i.outside(v, l)
}

// commaPattern is a number with a comma before one or two digits, which no reader
// takes for a comma between thousands.
var commaPattern = regexp.MustCompile(`^-?\d+,\d{1,2}$`)

// decimal reads a number: 6.5 or, as many people are used to, 6,5.
func (i *Item) decimal(text string, l Locale) (number, complaint string) {
	if commaPattern.MatchString(text) {
		text = strings.Replace(text, ",", ".", 1)
	}
	_, fraction, _ := strings.Cut(text, ".")
	switch {
	case !decimalPattern.MatchString(text):
		return "", say(l.Lang, sayNumber, "6.5")
	case i.Decimals >= 0 && len(fraction) > i.Decimals:
		return "", say(l.Lang, sayPlaces, i.Decimals)
	}
	return text, ""
}

func readQuantity(i *Item, in typed, l Locale) (Value, string) {
	text, complaint := i.decimal(in.text, l)
	if complaint != "" {
		return Value{}, complaint
	}
	unit := Coding{}
	switch n := slices.IndexFunc(i.Units, func(u Coding) bool { return u.Code == in.unit }); {
	case n >= 0:
		unit = i.Units[n]
	case len(i.Units) == 1:
		unit = i.Units[0]
	case len(i.Units) > 1:
		return Value{}, say(l.Lang, sayUnit)
	}
	v := quantity(text, unit)
	return v, i.outside(v, l)
}

func quantity(text string, unit Coding) Value {
	q := &Quantity{Value: json.Number(text), Unit: unit.Display, System: unit.System, Code: unit.Code, Label: unit.Label}
	if q.Unit == "" {
		q.Unit = unit.Code
	}
	return Value{Type: "Quantity", Quantity: q}
}

// datePattern are the precisions of a FHIR date.
var datePattern = regexp.MustCompile(`^\d{4}(-\d\d(-\d\d)?)?$`)

// aDate reports whether a text is a date, or a part of one, that there is.
func aDate(text string) bool {
	if !datePattern.MatchString(text) {
		return false
	}
	_, err := time.Parse("2006-01-02"[:len(text)], text)
	return err == nil && text >= "0001"
}

func readDate(i *Item, in typed, l Locale) (Value, string) {
	if !aDate(in.text) {
		return Value{}, say(l.Lang, sayDate)
	}
	v := Value{Type: "Date", Text: in.text}
	return v, i.outside(v, l)
}

// readDateTime takes a date alone, or with a time of day in the locale's zone.
func readDateTime(i *Item, in typed, l Locale) (Value, string) {
	v := Value{Type: "DateTime", Text: in.text}
	if !aDate(in.text) {
		return Value{}, say(l.Lang, sayDate)
	}
	if in.clock == "" {
		return v, i.outside(v, l)
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", in.text+"T"+clock(in.clock), l.zone())
	if err != nil {
		return Value{}, say(l.Lang, sayTime)
	}
	v.Text = at.Format("2006-01-02T15:04:05-07:00")
	return v, i.outside(v, l)
}

// clock is a time of day with its seconds.
func clock(text string) string {
	if strings.Count(text, ":") == 1 {
		return text + ":00"
	}
	return text
}

func readTime(i *Item, in typed, l Locale) (Value, string) {
	at, err := time.Parse(time.TimeOnly, clock(in.text))
	if err != nil {
		return Value{}, say(l.Lang, sayTime)
	}
	v := Value{Type: "Time", Text: at.Format(time.TimeOnly)}
	return v, i.outside(v, l)
}

func readText(i *Item, in typed, l Locale) (Value, string) {
	text := strings.ReplaceAll(in.text, "\r\n", "\n")
	return Value{Type: "String", Text: text}, i.illegible(text, l)
}

// illegible says what is wrong with a text.
func (i *Item) illegible(text string, l Locale) string {
	limit, n := i.MaxLength, utf8.RuneCountInString(text)
	if limit == 0 {
		limit = maxText
	}
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable):
		return say(l.Lang, sayPrintable)
	case n > limit:
		return say(l.Lang, sayShorter, limit)
	case n < i.MinLength:
		return say(l.Lang, sayLonger, i.MinLength)
	case i.Pattern == nil || i.Pattern.MatchString(text):
		return ""
	case i.Format[english] != "":
		return say(l.Lang, sayFormOf, i.Format.In(l.Lang))
	}
	return say(l.Lang, sayForm)
}

func unprintable(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == utf8.RuneError
}

func readURL(i *Item, in typed, l Locale) (Value, string) {
	u, err := url.Parse(in.text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(in.text, " \t\n") {
		return Value{}, say(l.Lang, sayAddress)
	}
	return Value{Type: "Uri", Text: in.text}, i.illegible(in.text, l)
}

// outside says that a value is not between the item's bounds.
func (i *Item) outside(v Value, l Locale) string {
	if !i.below(v) && !i.above(v) {
		return ""
	}
	switch {
	case i.Min != nil && i.Max != nil:
		return say(l.Lang, sayBetween, l.Show(*i.Min), l.Show(*i.Max))
	case i.Min != nil:
		return say(l.Lang, sayAtLeast, l.Show(*i.Min))
	}
	return say(l.Lang, sayAtMost, l.Show(*i.Max))
}

func (i *Item) below(v Value) bool {
	if i.Min == nil {
		return false
	}
	order, ok := v.compare(*i.Min)
	return !ok || order < 0
}

func (i *Item) above(v Value) bool {
	if i.Max == nil {
		return false
	}
	order, ok := v.compare(*i.Max)
	return !ok || order > 0
}
