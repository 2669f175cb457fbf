package visit

import (
	"strconv"
	"strings"
	"unicode/utf8"

	study "tributary/config/program"
)

// icsTime is how RFC 5545, section 3.3.5, writes a time in UTC.
const icsTime = "20060102T150405Z"

// File is the visit as an iCalendar file (RFC 5545) to publish: place and time and
// nothing about the person. Its UID is the visit's, and its SEQUENCE rises with
// every change, so that a calendar that has it already follows; a visit that was
// cancelled is told as such.
func File(v Visit, site study.Site, lang string) []byte {
	method, status := "PUBLISH", "CONFIRMED"
	if v.Status == Cancelled {
		method, status = "CANCEL", "CANCELLED"
	}
	name := site.Name.In(lang)
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tributary//Visits//EN", "METHOD:" + method,
		"BEGIN:VEVENT",
		"UID:" + v.ID + "@tributary",
		"SEQUENCE:" + strconv.FormatInt(v.version-1, 10),
		"DTSTAMP:" + v.Changed.UTC().Format(icsTime),
		"DTSTART:" + v.Start.UTC().Format(icsTime),
		"DTEND:" + v.End.UTC().Format(icsTime),
		"STATUS:" + status,
		"SUMMARY:" + escape(name),
		"LOCATION:" + escape(strings.Join([]string{name, site.Address, site.City + ", " + site.State + " " + site.PostalCode}, ", ")),
	}
	if site.Latitude != 0 || site.Longitude != 0 {
		lines = append(lines, "GEO:"+degrees(site.Latitude)+";"+degrees(site.Longitude))
	}
	lines = append(lines, "END:VEVENT", "END:VCALENDAR")
	var out strings.Builder
	for _, line := range lines {
		fold(&out, line)
	}
	return []byte(out.String())
}

func degrees(n float64) string { return strconv.FormatFloat(n, 'f', 6, 64) }

var escapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`, "\r", "")

// escape is a TEXT value (section 3.3.11).
func escape(text string) string { return escapes.Replace(text) }

// lineLength is the most octets of a line, without its end (section 3.1).
const lineLength = 75

// fold writes a line, broken before it is too long and never within a character.
func fold(out *strings.Builder, line string) {
	for width := lineLength; len(line) > width; width = lineLength - 1 {
		cut := width
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		out.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
	}
	out.WriteString(line + "\r\n")
}
