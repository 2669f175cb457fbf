package center

import (
	"maps"
	"slices"
	"testing"

	"tributary/internal/portal/web/webtest"
)

// words are the texts that the code says.
func words() []string {
	said := []string{"Visits", "Another time", "Measurements", "Correct the measurements", "Act on this now", "What was measured", "Samples", "Labels",
		"Enroll somebody", "Confirm the address", "Not yet", "Hours of the center", "First check who the person is.", "Write why the measurements are corrected.",
		"Say why the other sample is not possible.", "This participant is not asked for this sample.", "This kit is ordered already for this visit.",
		"A visit takes 10 to 240 minutes.", "The center sees 1 to 20 people at the same time.", "That is more than a calendar holds.",
		"Hours begin before they end, such as 09:00 to 12:00.", "Closed days are two dates, the first not after the second, and a reason of up to 100 characters.",
		"Somebody else has changed the hours meanwhile; please look at them again.", "Say why a tube is missing.", "No tube is left: cancel the order instead.",
		"Write the reason, in 500 characters at most.", "These measurements were corrected or cancelled already.",
		"Measurements are recorded for a participant who is checked in.", "A date is written year-month-day.",
		"Pregnant?", "Uses a wheelchair?", "Dizzy, faint, chest pain or short of breath now?", "Yes", "No", "Not asked",
		"Consent at the center", "The participant signs here by hand.", "This is for a participant who is checked in.", "Sex", "Female", "Male", "Another", "Would rather not say"}
	for _, day := range weekdays {
		said = append(said, day.Title)
	}
	for _, texts := range []map[string]string{states, missing, reasonTexts, stepTexts, doTexts} {
		said = slices.AppendSeq(said, maps.Values(texts))
	}
	return slices.AppendSeq(said, maps.Values(whyTexts))
}

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	webtest.Complete(t, New(Config{}).Room(), words())
}
