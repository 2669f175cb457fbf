package survey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	study "tributary/config/program"
	"tributary/fhir/terminology"
)

// maxOptions bounds what one question may offer.
const maxOptions = 300

// expand fills in what is offered from elsewhere: the codes of value sets, the
// places of the study.
func (q *Questionnaire) expand(ctx context.Context, from *terminology.Service, sites []study.Site) error {
	var faults []error
	for _, i := range q.order {
		var err error
		switch {
		case i.ValueSet != "":
			err = q.offerCodes(ctx, from, i)
		case i.Type == "reference":
			i.Options = places(i, sites)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("survey %s: item %s: answerValueSet %s: %w", q.ID, i.LinkID, i.ValueSet, err))
		}
	}
	return errors.Join(faults...)
}

func (q *Questionnaire) offerCodes(ctx context.Context, from *terminology.Service, i *Item) error {
	set := q.sets[i.ValueSet]
	if set == nil {
		found, err := from.From.ValueSet(ctx, i.ValueSet)
		if err != nil {
			return err
		}
		if set = found; set == nil {
			return errors.New("there is no such value set")
		}
	}
	expanded, err := from.Expand(ctx, set, terminology.Expansion{Count: -1, ActiveOnly: true, ForUser: true})
	switch {
	case err != nil:
		return err
	case len(expanded.Entries) == 0:
		return errors.New("it has no codes")
	case len(expanded.Entries) > maxOptions:
		return fmt.Errorf("it has %d codes, and more than %d cannot be offered", len(expanded.Entries), maxOptions)
	}
	i.Options = nil
	for _, e := range expanded.Entries {
		i.Options = append(i.Options, optionOf(e))
	}
	keyOptions(i.Options)
	return nil
}

func optionOf(e terminology.Entry) Option {
	label := Text{english: e.Display}
	for _, d := range e.Designations {
		lang, _, _ := strings.Cut(d.Language, "-")
		if lang != "" && label[lang] == "" {
			label[lang] = d.Value
		}
	}
	return Option{Value: Value{Type: "Coding", Coding: &Coding{System: e.System, Code: e.Code, Display: e.Display}}, Label: label}
}

// places are the sites of the study as what a reference may name.
func places(i *Item, sites []study.Site) []Option {
	var all []Option
	for _, site := range sites {
		for typ, name := range map[string]Text{"Location": site.Name, "Organization": study.English(site.Organization)} {
			if slices.Contains(i.Targets, typ) {
				ref := typ + "/" + site.ID
				all = append(all, Option{Key: ref, Label: name, Value: Value{Type: "Reference", Reference: &Reference{ref, name.In(english)}}})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Option) int { return strings.Compare(a.Label.In(english), b.Label.In(english)) })
	return all
}

// Check tells all that the surveys of a study ask for and this package does not
// do, each with its item; nil when there is nothing. from knows the value sets that
// are not contained; where it is nil, they are not looked for.
func Check(ctx context.Context, s *study.Study, from *terminology.Service) error {
	var faults []error
	for _, v := range s.Surveys {
		q, err := ParseQuestionnaire(v.Body)
		if err == nil && from != nil {
			err = q.expand(ctx, from, s.Sites)
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}
