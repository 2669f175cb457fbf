package account

import (
	"context"
	"encoding/json"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"tributary/config/program"
	"tributary/internal/errs"
	"tributary/internal/form"
)

// ErrUnderAge: the person is not of age, and the study admits nobody who is not.
var ErrUnderAge = errs.New(errs.Forbidden, "this study is for adults")

// ErrOutside: the person lives outside the area from which the study takes people.
var ErrOutside = errs.New(errs.Forbidden, "this study is for people who live in its area")

// Person is what someone says of themselves when signing up.
type Person struct {
	Given    string `json:"given"`
	Family   string `json:"family"`
	Email    string `json:"email"`
	Born     string `json:"born"`            // 1980-12-31
	Sex      string `json:"sex"`             // FHIR AdministrativeGender
	Language string `json:"-"`               // of the page on which they signed up
	State    string `json:"state,omitempty"` // where the person lives: a code of the study's area
	Phone    string `json:"phone,omitempty"`
	Line     string `json:"line,omitempty"` // street and number
	City     string `json:"city,omitempty"`
	Postal   string `json:"postal,omitempty"`
}

// Name is how the person signs.
func (p Person) Name() string { return strings.TrimSpace(p.Given + " " + p.Family) }

const maxName, maxEmail, maxAge = 100, 254, 130

var sexes = map[string]bool{"female": true, "male": true, "other": true, "unknown": true}

func (p Person) tidy() Person {
	p.Given, p.Family = squeeze(p.Given), squeeze(p.Family)
	p.Email, p.Born = strings.TrimSpace(p.Email), strings.TrimSpace(p.Born)
	p.State = strings.TrimSpace(p.State)
	return p
}

// squeeze makes white space single.
func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

// normal is the form of an address by which it is found.
func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func (p *Person) check(study *program.Study, now time.Time) error {
	var f form.Faults
	f.Unless(named(p.Given), "given", "Write your first name.")
	f.Unless(named(p.Family), "family", "Write your last name.")
	p.Email = normal(p.Email)
	at, err := mail.ParseAddress(p.Email)
	f.Unless(err == nil && at.Address == p.Email && len(p.Email) <= maxEmail, "email", "Write your email address, such as name@example.org.")
	born, err := time.Parse(time.DateOnly, p.Born)
	f.Unless(err == nil && born.Before(now) && born.After(now.AddDate(-maxAge, 0, 0)), "birth_date", "Write your birth date as year-month-day, such as 1980-12-31.")
	f.Unless(sexes[p.Sex], "sex", "Choose one of the answers.")
	f.Unless(p.State != "" || len(study.Area) == 0, "state", "Choose where you live.")
	switch {
	case f.At("birth_date") == "" && !study.Adult(born, now):
		return ErrUnderAge
	case p.State != "" && !study.Admits(p.State):
		return ErrOutside
	}
	return f.Err()
}

func named(text string) bool {
	return text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxName && !strings.ContainsFunc(text, control)
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

// patient is the Patient resource of the person.
func (p Person) patient() ([]byte, error) {
	type name struct {
		Use    string   `json:"use"`
		Family string   `json:"family"`
		Given  []string `json:"given"`
	}
	type contact struct {
		System string `json:"system"`
		Value  string `json:"value"`
	}
	var homes []object
	if home := p.Contact().home(); home != nil {
		homes = []object{home}
	}
	var telecom []contact
	if p.Email != "" {
		telecom = []contact{{"email", p.Email}}
	}
	return json.Marshal(struct {
		ResourceType string    `json:"resourceType"`
		Active       bool      `json:"active"`
		Name         []name    `json:"name"`
		Telecom      []contact `json:"telecom,omitempty"`
		Gender       string    `json:"gender"`
		BirthDate    string    `json:"birthDate"`
		Address      []object  `json:"address,omitempty"`
	}{"Patient", true, []name{{"official", p.Family, []string{p.Given}}}, telecom, p.Sex, p.Born, homes})
}

// Person reads who the participant is from the Patient resource.
func (s *Service) Person(ctx context.Context, patient string) (Person, error) {
	res, err := s.Records.Read(ctx, actor(), "Patient", patient)
	if err != nil {
		return Person{}, err
	}
	var body struct {
		Name []struct {
			Family string
			Given  []string
		}
		Telecom           []struct{ System, Value string }
		Gender, BirthDate string
		Address           []struct {
			Use, City, State, PostalCode string
			Line                         []string
		}
	}
	if err := json.Unmarshal(res.Body, &body); err != nil {
		return Person{}, err
	}
	p := Person{Born: body.BirthDate, Sex: body.Gender}
	if len(body.Name) > 0 {
		p.Given, p.Family = strings.Join(body.Name[0].Given, " "), body.Name[0].Family
	}
	for _, t := range body.Telecom {
		switch t.System {
		case "email":
			p.Email = t.Value
		case "phone":
			p.Phone = t.Value
		}
	}
	for _, a := range body.Address {
		if a.Use == "home" {
			p.Line, p.City, p.State, p.Postal = strings.Join(a.Line, ", "), a.City, a.State, a.PostalCode
		}
	}
	return p, nil
}
