package demo

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"tributary/config/program"
)

// visits lets everyone answer the survey and book; staff then measure.
func (r *run) visits(ctx context.Context) error {
	for i, p := range r.summary.Participants {
		if err := errors.Join(p.survey(ctx), p.book(ctx)); err != nil {
			return fmt.Errorf("participant %d: %w", i+1, err)
		}
	}
	measured, err := r.measure(ctx)
	r.say("  %d people were measured; %d could not book without sharing records", measured, len(r.summary.Participants)-r.sharing())
	return err
}

// measure signs in as staff, checks in whoever is booked and records the
// measurements.
func (r *run) measure(ctx context.Context) (int, error) {
	login, password, err := r.Staff(ctx)
	if err != nil {
		return 0, err
	}
	staff := newBrowser(r.PortalURL())
	if _, err := staff.post(ctx, "/center/signin", url.Values{"login": {login}, "password": {password}}); err != nil {
		return 0, err
	}
	page, err := staff.get(ctx, "/center")
	if err != nil {
		return 0, err
	}
	rows := page.all("tr", "data-appointment", "")
	if len(rows) != r.sharing() {
		return 0, fmt.Errorf("%d visits are booked, %d were expected", len(rows), r.sharing())
	}
	for i, row := range rows {
		id := attr(row, "data-appointment")
		if _, err := staff.post(ctx, "/center/appointments/"+id+"/checkin", nil); err != nil {
			return 0, err
		}
		if _, err := staff.post(ctx, "/center/appointments/"+id+"/measurements", measurements(i)); err != nil {
			return 0, err
		}
	}
	for _, p := range r.summary.Participants {
		p.measured = p.EHRConsent
	}
	return len(rows), nil
}

// visitObservations counts what a visit makes by a protocol: each reading of a
// measure or panel, the mean of repeated ones, what is derived, the pregnancy status.
func visitObservations(p *program.Protocol) (n int) {
	inPanel := map[string]int{}
	for _, m := range p.Measures {
		inPanel[m.ID] = m.Readings
	}
	count := func(readings int) {
		if n += readings; readings > 1 {
			n++
		}
	}
	for _, panel := range p.Panels {
		count(inPanel[panel.Measures[0]])
		for _, m := range panel.Measures {
			delete(inPanel, m)
		}
	}
	for _, readings := range inPanel {
		count(readings)
	}
	return n + len(p.Derived) + 1
}

func measurements(i int) url.Values {
	form := url.Values{
		"height": {fmt.Sprintf("%.1f", 160+float64(i%30))}, "weight": {fmt.Sprintf("%.1f", 60+float64(i%40))},
		"waist": {"88.0"}, "pregnant": {"no"}, "wheelchair": {"no"},
	}
	for n := 1; n <= 3; n++ {
		form.Set(fmt.Sprintf("systolic_%d", n), fmt.Sprint(118+n+i%10))
		form.Set(fmt.Sprintf("diastolic_%d", n), fmt.Sprint(74+n))
		form.Set(fmt.Sprintf("heart_rate_%d", n), fmt.Sprint(66+n))
	}
	return form
}
