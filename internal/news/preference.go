package news

import (
	"context"

	"tributary/config/program"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Preference is whether a person gets mails on a topic.
type Preference struct {
	program.Topic
	Wanted bool
	Fixed  bool // cannot be turned off
}

// Preferences are a person's choices, topic by topic.
func (s *Service) Preferences(ctx context.Context, patient string) ([]Preference, error) {
	chosen, err := s.chosen(ctx, s.Store, patient)
	if err != nil {
		return nil, err
	}
	out := make([]Preference, len(s.Study.Outreach.Topics))
	for i, t := range s.Study.Outreach.Topics {
		out[i] = Preference{Topic: t, Wanted: wanted(t, chosen), Fixed: t.Mail == program.MailAlways}
	}
	return out, nil
}

// Prefer keeps which topics a person wants mails on: these, and no others. Those
// that cannot be turned off stay. Topics that there are not are passed over.
func (s *Service) Prefer(ctx context.Context, patient string, topics map[string]bool) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, t := range s.Study.Outreach.Topics {
			if err := s.marks.Prefer(ctx, tx, patient, store.NewsPreference{Topic: t.ID, Mail: topics[t.ID]}); err != nil {
				return err
			}
		}
		return nil
	})
}

// TurnOff ends the mails that a token is about.
func (s *Service) TurnOff(ctx context.Context, token string) (program.Topic, error) {
	patient, topic, err := s.Stop(token)
	if err != nil {
		return topic, err
	}
	if topic.Mail == program.MailAlways {
		return topic, errs.New(errs.Conflict, "these mails are about your taking part and cannot be turned off")
	}
	return topic, s.marks.Prefer(ctx, s.Store, patient, store.NewsPreference{Topic: topic.ID})
}

func (s *Service) wants(ctx context.Context, db store.DB, patient, topic string) (bool, error) {
	t, known := s.Study.Outreach.Topic(topic)
	if !known || t.Mail == program.MailAlways {
		return known, nil
	}
	chosen, err := s.chosen(ctx, db, patient)
	return wanted(t, chosen), err
}

func wanted(t program.Topic, chosen map[string]bool) bool {
	if want, has := chosen[t.ID]; has && t.Mail != program.MailAlways {
		return want
	}
	return t.Mail != program.MailOff
}

func (s *Service) chosen(ctx context.Context, db store.DB, patient string) (map[string]bool, error) {
	rows, err := s.marks.Preferences(ctx, db, patient)
	chosen := map[string]bool{}
	for _, r := range rows {
		chosen[r.Topic] = r.Mail
	}
	return chosen, err
}
