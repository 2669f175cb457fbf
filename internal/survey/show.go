package survey

import (
	"fmt"
	"strings"
	"time"
)

// monthsIn are the names of the months, by language.
var monthsIn = map[string][]string{
	spanish: strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
	english: strings.Fields("January February March April May June July August September October November December"),
}

// Show is an answer as people read it in the locale.
func (l Locale) Show(v Value) string {
	switch v.Type {
	case "Boolean":
		return l.yesNo(v.Text == "true")
	case "Decimal", "Integer":
		return v.Text
	case "Date":
		return l.date(v.Text)
	case "DateTime":
		return l.moment(v.Text)
	case "Time":
		return strings.TrimSuffix(v.Text, ":00")
	case "Coding":
		return v.Coding.Shown(l.Lang)
	case "Quantity":
		return strings.TrimSpace(string(v.Quantity.Value) + " " + v.Quantity.unit(l.Lang))
	case "Reference":
		return v.Reference.Display
	case "Attachment":
		return v.Attachment.ContentType
	}
	return v.Text
}

func (l Locale) yesNo(yes bool) string {
	text := map[bool]string{true: "Yes", false: "No"}[yes]
	if yes && l.Lang == spanish {
		return "Sí"
	}
	return text
}

// unit is the unit as people read it.
func (q *Quantity) unit(lang string) string {
	if label := q.Label.In(lang); label != "" {
		return label
	}
	return q.Unit
}

// Shown is the code as people read it.
func (c *Coding) Shown(lang string) string {
	if label := c.Label.In(lang); label != "" {
		return label
	}
	if c.Display != "" {
		return c.Display
	}
	return c.Code
}

// date is a FHIR date of any precision.
func (l Locale) date(text string) string {
	months := monthsIn[l.Lang]
	if months == nil {
		months = monthsIn[english]
	}
	at, err := time.Parse("2006-01-02"[:min(len(text), 10)], text)
	switch {
	case err != nil || len(text) == 4:
		return text
	case len(text) == 7 && l.Lang == spanish:
		return fmt.Sprintf("%s de %d", months[at.Month()-1], at.Year())
	case len(text) == 7:
		return fmt.Sprintf("%s %d", months[at.Month()-1], at.Year())
	case l.Lang == spanish:
		return fmt.Sprintf("%d de %s de %d", at.Day(), months[at.Month()-1], at.Year())
	}
	return fmt.Sprintf("%d %s %d", at.Day(), months[at.Month()-1], at.Year())
}

func (l Locale) moment(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return l.date(text)
	}
	at = at.In(l.zone())
	return l.date(at.Format(time.DateOnly)) + ", " + at.Format("15:04")
}
