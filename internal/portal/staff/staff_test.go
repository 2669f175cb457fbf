package staff

import (
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"tributary/config/program"
	"tributary/internal/cohort"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
)

// said are texts that stand in code, here and in the packages behind the pages.
func said() []string {
	all := []string{
		"Everybody", "Find a participant", "A participant", "Work lists", "Decisions of two", "Releases", "Invitations to other research", "News for everybody", "Not told", "before",
		"Heading in English", "Heading in Spanish", "Text in English", "Text in Spanish", "Evidence",
	}
	all = slices.AppendSeq(all, maps.Values(words))
	all = slices.AppendSeq(all, maps.Values(listTitles))
	all = slices.AppendSeq(all, maps.Values(staffTexts))
	for _, w := range invitationWords {
		all = append(all, w)
	}
	return append(all, refusals...)
}

// refusals are what the packages behind the pages say to staff.
var refusals = []string{
	"Fill in one of these: the number, the mail address, or name and birth date.", "Write a name of two letters or more.",
	"Write the birth date as year-month-day, such as 1980-12-31.", "Write the mail address.", "Write the number as it stands in letters and lists.",
	"Write what shows it: a letter, a call, a certificate, and when it came.", "Write it in 2,000 characters at most.", "Give a day that has been.",
	"Write the day as year-month-day, such as 2026-03-31.", "Write why, in 2,000 characters at most.", "Choose to approve or to deny.", "Write the person’s account at their institution.", "Write what the project is.", "Write a day to come as year-month-day, such as 2030-12-31.",
	"An approval names the person, the Group and the project, in 300 characters together at most.", "People of research", "Choose a decision, and write the reason.", "Write the reason in 500 characters at most.", unexplained, "Birth date", "Sex", "Differ", "Match", "Not known", "Choose what is to happen.", "Give the number of the other account.",
	"Choose a study that invites people.", "Write shorter criteria.", "Write criteria such as birthdate=lt1970-01-01&gender=female.",
	"Leave out what begins with _, but for _has and _lastUpdated.", "The criteria are not understood. Look at the names and the values of each.",
	"This takes too long to count. Narrow the criteria down.", "Choose one of the topics.", "Write it in English.", "Write it shorter.", "Write it without signs that cannot be read.",
	"A second person decides: you have asked for this yourself.", "This has been decided already.", "Somebody has decided this already.", "There is no such decision.",
	"Somebody has asked for this already; it waits for a second person.", "This has been decided about the participant already.",
	"These accounts are joined already.", "These accounts are not joined.", "One of the accounts has been joined to another already.",
	"There is no participant with this number, or they have left.", "This person is not contacted any more.", "There is no such list.",
}

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	webtest.Complete(t, New(Config{}).Room(), said())
}

// What a chart draws is in the page's language, who told nothing too.
func TestChartsAreInThePagesLanguage(t *testing.T) {
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	p := New(Config{Site: web.New(web.Config{Study: study})})
	if _, err := p.Handler(p.Room()); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/staff/cohort", nil)
	r.Header.Set("Accept-Language", "es")
	d := overviewPage{}
	d.Funnel.Groups = []cohort.Breakdown{{Rows: []cohort.Part{{NotTold: true, Counts: []cohort.Cell{{N: 20}}}}}}
	d.draw(p.In(&web.Call{R: r}, page("cohort", "Everybody", nil)))
	if got := d.Groups[0].Chart.Rows[0].Label; got != "Sin respuesta" {
		t.Errorf("the label is %q", got)
	}
}
