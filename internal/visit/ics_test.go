package visit

import (
	"strings"
	"testing"
	"time"

	study "tributary/config/program"
)

func TestCalendarFile(t *testing.T) {
	at := time.Date(2026, 3, 10, 14, 0, 0, 0, time.UTC)
	site := study.Site{ID: "s", Name: study.Text{"en": "Harbor; Street, Center", "es": "Centro ñandú ñandú ñandú ñandú ñandú ñandú ñandú"}, Address: "1 Main Street", City: "Boston", State: "MA", PostalCode: "02110"}
	v := Visit{ID: "a1", Patient: "p1", Status: Booked, Start: at, End: at.Add(45 * time.Minute), Changed: at.AddDate(0, 0, -9), version: 3}
	file := string(File(v, site, "en"))
	for _, want := range []string{"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "METHOD:PUBLISH\r\n", "UID:a1@tributary\r\n", "SEQUENCE:2\r\n", "DTSTART:20260310T140000Z\r\n",
		"DTEND:20260310T144500Z\r\n", `SUMMARY:Harbor\; Street\, Center`, "STATUS:CONFIRMED\r\n", "DTSTAMP:20260301T140000Z\r\n", "END:VCALENDAR\r\n"} {
		if !strings.Contains(file, want) {
			t.Errorf("no %q in\n%s", want, file)
		}
	}
	if strings.Contains(file, "p1") {
		t.Error("the file names the participant")
	}
	v.Status, v.version = Cancelled, 4
	if file := string(File(v, site, "en")); !strings.Contains(file, "METHOD:CANCEL\r\n") || !strings.Contains(file, "STATUS:CANCELLED\r\n") || !strings.Contains(file, "SEQUENCE:3\r\n") {
		t.Errorf("a cancelled visit is\n%s", file)
	}
	unfolded := strings.ReplaceAll(string(File(v, site, "es")), "\r\n ", "")
	if !strings.Contains(unfolded, "SUMMARY:Centro ñandú ñandú ñandú ñandú ñandú ñandú ñandú\r\n") {
		t.Errorf("unfolded it is\n%s", unfolded)
	}
	for line := range strings.SplitSeq(string(File(v, site, "es")), "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d octets: %s", len(line), line)
		}
	}
}
