package mydata

import (
	"slices"
	"strings"

	"tributary/config/program"
	"tributary/fhir/tree"
	"tributary/internal/records"
)

// Source is where a record comes from: a text, with a place for the name if there is one.
type Source struct {
	Origin records.Origin
	Text   string
	Name   program.Text
}

// Say writes the source in the reader's language.
func (s Source) Say(v Voice) string {
	if len(s.Name) == 0 {
		return v.T(s.Text)
	}
	return v.T(s.Text, v.In(s.Name))
}

// origins are the sources without a name.
var origins = map[records.Origin]string{
	records.FromEHR: "From a care provider", records.Survey: "You told us in a survey", records.Measurement: "Measured at a partner center",
	records.Program: "Entered by the study", "": "Sent by an app or another system",
}

// source is told by the label that the server alone gives.
func (s *Service) source(root tree.Value) Source {
	out := Source{}
	for tag := range root.At("meta", "tag").Elements() {
		if tag.Get("system").Text() == records.OriginSystem {
			out.Origin = records.Origin(tag.Get("code").Text())
		}
	}
	out.Text = origins[out.Origin]
	switch out.Origin {
	case records.Survey:
		if name := s.survey(root); name != nil {
			out.Text, out.Name = "You told us in the survey “%s”", name
		}
	case records.Measurement:
		if name := s.center(root); name != nil {
			out.Text, out.Name = "Measured at %s", name
		}
	}
	return out
}

// survey is the title of the study's survey that is answered.
func (s *Service) survey(root tree.Value) program.Text {
	url, _, _ := strings.Cut(root.Get("questionnaire").Text(), "|")
	i := slices.IndexFunc(s.Study.Surveys, func(one program.Survey) bool { return url != "" && one.URL == url })
	if i < 0 {
		return nil
	}
	return s.Study.Surveys[i].Title
}

// center is the name of the partner center that measured.
func (s *Service) center(root tree.Value) program.Text {
	for p := range root.Get("performer").Elements() {
		id := strings.TrimPrefix(p.Get("reference").Text(), "Organization/")
		i := slices.IndexFunc(s.Study.Sites, func(one program.Site) bool { return one.ID == id })
		if i >= 0 {
			return s.Study.Sites[i].Name
		}
	}
	return nil
}
