package cohort

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Wanted is by what somebody is looked for: one of the ways, all of which take what
// only the person or their letter knows.
type Wanted struct {
	ID          string
	Email       string
	Name, Birth string // together
}

// Found is somebody who was found.
type Found struct {
	Patient, Name, Birth, Sex string
}

// most bounds how many namesakes are shown.
const most = 20

// Find looks for participants as a member of staff, who sees only those that the
// policy lets them see: nobody who has left. form.Faults tells what to write.
func (s *Service) Find(ctx context.Context, staff access.Actor, w Wanted) ([]Found, error) {
	w = Wanted{strings.TrimSpace(w.ID), strings.TrimSpace(w.Email), strings.TrimSpace(w.Name), strings.TrimSpace(w.Birth)}
	if err := w.check(); err != nil {
		return nil, err
	}
	found, err := s.find(ctx, staff, w)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]Found, len(found))
	for i, r := range found {
		if out[i], err = who(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (w Wanted) check() error {
	var f form.Faults
	ways := 0
	for _, given := range []bool{w.ID != "", w.Email != "", w.Name+w.Birth != ""} {
		if given {
			ways++
		}
	}
	f.Unless(ways == 1, "id", "Fill in one of these: the number, the mail address, or name and birth date.")
	if ways == 1 && w.Name+w.Birth != "" {
		f.Unless(utf8.RuneCountInString(w.Name) >= 2 && len(w.Name) <= 200, "name", "Write a name of two letters or more.")
		_, err := time.Parse(time.DateOnly, w.Birth)
		f.Unless(err == nil, "birth_date", "Write the birth date as year-month-day, such as 1980-12-31.")
	}
	f.Unless(len(w.Email) <= 254, "email", "Write the mail address.")
	f.Unless(len(w.ID) <= 64, "id", "Write the number as it stands in letters and lists.")
	return f.Err()
}

func (s *Service) find(ctx context.Context, staff access.Actor, w Wanted) ([]store.Resource, error) {
	switch {
	case w.Email != "":
		id, err := s.Accounts.ByAddress(ctx, w.Email)
		if err != nil {
			return nil, err
		}
		w.ID = id
		fallthrough
	case w.ID != "":
		r, err := s.Records.Read(ctx, staff, "Patient", w.ID)
		return []store.Resource{r}, err
	}
	query := []search.Pair{{Name: "birthdate", Value: w.Birth}, {Name: "_count", Value: "20"}}
	for word := range strings.FieldsSeq(w.Name) {
		query = append(query, search.Pair{Name: "name", Value: literal.Replace(word)})
	}
	page, err := s.Records.Search(ctx, staff, records.Search{Type: "Patient", Query: query})
	return page.Resources[:min(most, len(page.Resources))], err
}

// literal keeps what was typed from meaning something in a search (R4, section 3.1.1.4.0.1).
var literal = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`)

// who reads a Patient.
func who(r store.Resource) (Found, error) {
	var body struct {
		Gender, BirthDate string
		Name              []struct {
			Family string
			Given  []string
		}
	}
	err := json.Unmarshal(r.Body, &body)
	f := Found{Patient: r.ID, Birth: body.BirthDate, Sex: body.Gender}
	if len(body.Name) > 0 {
		f.Name = strings.TrimSpace(strings.Join(body.Name[0].Given, " ") + " " + body.Name[0].Family)
	}
	return f, err
}

// Left is when somebody left the study whose number is known; zero: they have not, or
// there is nobody of that number. That staff were told is put on record.
func (s *Service) Left(ctx context.Context, staff access.Actor, patient string) (time.Time, error) {
	now, err := s.Consent.CurrentIn(ctx, s.Store, patient)
	if err != nil || !now.Withdrawn {
		return time.Time{}, err
	}
	return now.WithdrawnAt, s.Witness.Shown(ctx, staff, "that somebody has left", patient)
}
