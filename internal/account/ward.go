package account

import (
	"context"
	"time"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/records"
)

// Represent makes the Patient of somebody who takes part through a proxy: a minor,
// or somebody without capacity. There is no account; that somebody may act for them
// is recorded with package consent. errs.Forbidden: the study admits no proxies.
// ErrOutside; form.Faults tells what to mend.
func (s *Service) Represent(ctx context.Context, p Person) (patient string, err error) {
	if !s.Study.Proxies {
		return "", errs.New(errs.Forbidden, "this study admits nobody through a proxy")
	}
	p = p.tidy()
	p.Email = ""
	if err := p.checkWard(s); err != nil {
		return "", err
	}
	body, err := p.patient()
	if err != nil {
		return "", err
	}
	err = s.Records.Write(ctx, actor(), func(ctx context.Context, tx *records.Tx) error {
		made, err := tx.Put(ctx, records.Draft{Type: "Patient", JSON: body, Origin: records.Program})
		if err != nil {
			return err
		}
		patient = made[0].Resource.ID
		return s.putCodes(ctx, tx.Store(), patient)
	})
	return patient, err
}

func (p Person) checkWard(s *Service) error {
	var f form.Faults
	f.Unless(named(p.Given), "given", "Write your first name.")
	f.Unless(named(p.Family), "family", "Write your last name.")
	born, err := time.Parse(time.DateOnly, p.Born)
	f.Unless(err == nil && born.Before(s.Now()) && born.After(s.Now().AddDate(-maxAge, 0, 0)), "birth_date", "Write your birth date as year-month-day, such as 1980-12-31.")
	f.Unless(sexes[p.Sex], "sex", "Choose one of the answers.")
	f.Unless(p.State != "" || len(s.Study.Area) == 0, "state", "Choose where you live.")
	if p.State != "" && !s.Study.Admits(p.State) {
		return ErrOutside
	}
	return f.Err()
}

// Majority is when a person who is a minor now comes of age, and nobody acts for them
// any more until they say so themselves; zero for who is of age.
func (s *Service) Majority(ctx context.Context, patient string) (time.Time, error) {
	p, err := s.Person(ctx, patient)
	if err != nil {
		return time.Time{}, err
	}
	born, err := time.Parse(time.DateOnly, p.Born)
	if err != nil || s.Study.Adult(born, s.Now()) {
		return time.Time{}, nil //nolint:nilerr // no birth date, no majority
	}
	return born.AddDate(s.Study.AgeOfMajority, 0, 0), nil
}

// represented is told the study.
var represented = letter{
	"en": {"Somebody may act for you", "Our team has recorded that somebody may act for you in the study. On your pages, “Act for somebody” says who, and you can end it there.\n\n" +
		"If you do not know of this, call us at once.\n\n%s\n"},
	"es": {"Alguien puede actuar por usted", "Nuestro equipo anotó que alguien puede actuar por usted en el estudio. En sus páginas, «Actuar por alguien» dice quién, y allí puede terminarlo.\n\n" +
		"Si no sabe nada de esto, llámenos enseguida.\n\n%s\n"},
}

// TellRepresented mails a participant that somebody may act for them now. Who has no
// account reads no mail of ours.
func (s *Service) TellRepresented(ctx context.Context, patient string) error {
	a, err := s.OfPatient(ctx, s.Store, patient)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.tell(ctx, a, represented, s.Study.Title.In(represented.in(a.Language)))
}
