package main

import (
	"fmt"
	"os/user"
	"time"

	"tributary/internal/app"
)

type holdCommand struct {
	Place holdPlace `cmd:"" help:"Put a person on hold."`
	Lift  holdLift  `cmd:"" help:"End a hold."`
	List  holdList  `cmd:"" help:"List the holds."`
}

type holdPlace struct {
	Patient string `arg:"" help:"Id of the Patient."`
	Reason  string `arg:"" help:"Why, such as the letter that asks for it."`
}

// Run implements the command hold place.
func (c holdPlace) Run(e *environment) error {
	by, err := user.Current()
	if err != nil {
		return err
	}
	return e.offline(func(s *app.Service) error { return s.Hold(e, c.Patient, c.Reason, by.Username) })
}

type holdLift struct {
	Patient string `arg:"" help:"Id of the Patient."`
}

// Run implements the command hold lift.
func (c holdLift) Run(e *environment) error {
	return e.offline(func(s *app.Service) error { return s.Lift(e, c.Patient) })
}

type holdList struct{}

// Run implements the command hold list.
func (holdList) Run(e *environment) error {
	return e.offline(func(s *app.Service) error {
		all, err := s.Holds(e)
		for _, h := range all {
			fmt.Printf("%s\t%s\t%s\t%s\n", h.Patient, h.At.UTC().Format(time.DateOnly), h.Staff, h.Reason)
		}
		return err
	})
}
