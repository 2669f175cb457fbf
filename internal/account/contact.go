package account

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"unicode/utf8"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Contact is what somebody may change of themselves at any time. The mail address
// is changed by AskEmail, which makes sure of it.
type Contact struct {
	Given, Family             string
	Phone                     string
	Line, City, State, Postal string // of the home; all may be empty but State
}

// Contact is how the study reaches the person.
func (p Person) Contact() Contact {
	return Contact{p.Given, p.Family, p.Phone, p.Line, p.City, p.State, p.Postal}
}

const maxLine = 200

var (
	phonePattern  = regexp.MustCompile(`^\+?[0-9 ().-]{7,24}$`)
	postalPattern = regexp.MustCompile(`^[0-9]{5}(-[0-9]{4})?$`)
)

func (c Contact) tidy() Contact {
	for _, text := range []*string{&c.Given, &c.Family, &c.Phone, &c.Line, &c.City, &c.State, &c.Postal} {
		*text = squeeze(*text)
	}
	return c
}

func (c Contact) check() error {
	var f form.Faults
	f.Unless(named(c.Given), "given", "Write your first name.")
	f.Unless(named(c.Family), "family", "Write your last name.")
	f.Unless(c.Phone == "" || phonePattern.MatchString(c.Phone), "phone", "Write a telephone number, such as (555) 010-0123.")
	f.Unless(short(c.Line), "line", "Write the street and the number in one line.")
	f.Unless(short(c.City), "city", "Write the name of the place.")
	f.Unless(c.Postal == "" || postalPattern.MatchString(c.Postal), "postal", "Write a ZIP code of five digits.")
	return f.Err()
}

func short(text string) bool {
	return text == "" || named(text) || utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxLine
}

// ChangeContact keeps what a participant says of themselves. Where somebody lives
// may be anywhere once they take part. form.Faults tells what to mend.
func (s *Service) ChangeContact(ctx context.Context, patient string, c Contact) error {
	c = c.tidy()
	if err := c.check(); err != nil {
		return err
	}
	return s.changePatient(ctx, patient, c.apply)
}

// object is JSON of a resource that is changed in place: what is not ours stays.
type object = map[string]any

func (c Contact) apply(p object) {
	p["name"] = replace(p["name"], func(n object) bool { return n["use"] == "official" || n["use"] == nil },
		object{"use": "official", "family": c.Family, "given": []any{c.Given}})
	p["telecom"] = replace(p["telecom"], system("phone"), present(c.Phone, object{"system": "phone", "value": c.Phone}))
	p["address"] = replace(p["address"], func(a object) bool { return a["use"] == "home" }, c.home())
	for _, list := range []string{"telecom", "address"} {
		if all, _ := p[list].([]any); len(all) == 0 {
			delete(p, list)
		}
	}
}

func system(name string) func(object) bool {
	return func(o object) bool { return o["system"] == name }
}

func present(text string, o object) object {
	if text == "" {
		return nil
	}
	return o
}

func (c Contact) home() object {
	home := object{"use": "home"}
	for key, text := range map[string]string{"city": c.City, "state": c.State, "postalCode": c.Postal} {
		if text != "" {
			home[key] = text
		}
	}
	if c.Line != "" {
		home["line"] = []any{c.Line}
	}
	if len(home) == 1 {
		return nil
	}
	return home
}

// replace puts an entry in the place of the first that matches, and drops further
// ones; nil takes them away.
func replace(list any, matches func(object) bool, with object) []any {
	all, _ := list.([]any)
	out, done := []any{}, with == nil
	for _, entry := range all {
		o, _ := entry.(object)
		switch {
		case !matches(o):
			out = append(out, entry)
		case !done:
			out, done = append(out, with), true
		}
	}
	if !done {
		out = append(out, with)
	}
	return out
}

// changePatient changes a Patient, if nobody else did meanwhile.
func (s *Service) changePatient(ctx context.Context, patient string, change func(object), also ...func(context.Context, *records.Tx) error) error {
	err := s.Records.Write(ctx, actor(), func(ctx context.Context, tx *records.Tx) error {
		current, err := tx.Read(ctx, "Patient", patient)
		if err != nil {
			return err
		}
		var body object
		if err := json.Unmarshal(current.Body, &body); err != nil {
			return err
		}
		change(body)
		changed, err := json.Marshal(body)
		if err != nil {
			return err
		}
		if _, err := tx.Put(ctx, records.Draft{Type: "Patient", ID: patient, JSON: changed, Origin: records.Program, IfVersion: current.Version, SkipUnchanged: true}); err != nil {
			return err
		}
		for _, do := range also {
			if err := do(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, store.ErrStale) {
		err = errs.Wrap(err, errs.Conflict, "your data was changed in another place meanwhile; please look at it and try again")
	}
	return err
}

// SetLanguage keeps the language in which somebody wants pages and mails.
func (s *Service) SetLanguage(ctx context.Context, id, language string) error {
	if !slices.Contains(s.Study.Languages, language) {
		return errs.New(errs.Invalid, "choose one of the languages that there are")
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.rows.SetLanguage(ctx, tx, id, language) })
}
