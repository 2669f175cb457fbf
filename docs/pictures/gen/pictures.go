package main

// picture is a part of a screenshot under a name of its own.
type picture struct {
	Name        string // of the file in docs/pictures
	Screen      string // of the file in out/screens
	Top, Height int    // of the part, in pixels from the page's top
}

// pictures are those of the documentation: participants' on a phone, the staff's on a
// desk.
var pictures = []picture{
	{"signup", "journey-en-signup-360", 0, 780},
	{"home", "journey-en-home-04-360", 0, 780},
	{"steps", "journey-en-home-360", 1060, 700},
	{"module", "journey-en-module-360", 0, 700},
	{"quiz", "journey-en-quiz-01-360", 0, 780},
	{"sign", "journey-en-sign-360", 2330, 700},
	{"connections", "journey-en-connections-01-360", 0, 780},
	{"survey", "journey-en-survey-section-360", 0, 700},
	{"visits", "journey-en-visits-04-360", 0, 780},
	{"results", "journey-en-results-360", 0, 780},
	{"data", "journey-en-data-360", 560, 780},
	{"chart", "journey-en-data-chart-360", 0, 700},
	{"studies", "journey-en-studies-360", 0, 780},
	{"withdraw", "journey-en-withdraw-360", 0, 780},
	{"center-day", "journey-center-en-center-04-1280", 0, 600},
	{"center-enroll", "journey-center-en-enroll-walkin-1280", 0, 800},
	{"center-agree", "journey-center-en-agreements-1280", 0, 640},
	{"center-measure", "journey-center-en-measure-1280", 0, 800},
	{"center-alert", "journey-center-en-alert-1280", 0, 620},
	{"center-samples", "journey-center-en-samples-03-1280", 0, 800},
	{"center-hours", "journey-center-en-hours-1280", 0, 800},
	{"staff-cohort", "console-en-cohort-1280", 0, 960},
	{"staff-participant", "console-en-participant-1280", 0, 800},
	{"staff-invitations", "console-en-invitations-1280", 0, 800},
}
