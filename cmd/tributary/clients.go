package main

import (
	"fmt"
	"os"

	"tributary/internal/app"
	"tributary/internal/store"
)

// told is what people are told of an app.
type told struct {
	Publisher   string `help:"Who publishes an app."`
	Description string `help:"What an app does, in plain words."`
	Spanish     string `help:"The same in Spanish."`
	Website     string `help:"The publisher's website."`
	Launch      string `help:"Where an app is opened with iss and launch; it is then in the gallery."`
	Audience    string `help:"Whose gallery: participants, staff or everybody." default:"participants" enum:"participants,staff,everybody"`
	Logo        string `help:"File with a picture: PNG, JPEG or GIF, 64 KiB and 512 by 512 pixels at most." type:"existingfile"`
}

func (t told) listing(client string) (l store.Listing, logo []byte, err error) {
	l = store.Listing{Client: client, Publisher: t.Publisher, Description: t.Description, Spanish: t.Spanish, Website: t.Website, LaunchURL: t.Launch}
	if t.Launch != "" {
		l.Audience = t.Audience
	}
	if t.Logo != "" {
		logo, err = os.ReadFile(t.Logo)
	}
	return l, logo, err
}

type clientShowCommand struct {
	ID   string `arg:"" help:"Client id."`
	told `embed:""`
}

// Run implements the command client show.
func (c clientShowCommand) Run(e *environment) error {
	listing, logo, err := c.listing(c.ID)
	if err != nil {
		return err
	}
	return e.offline(func(s *app.Service) error {
		if err := s.List(e, listing, logo); err != nil {
			return err
		}
		where := "it is in no gallery"
		if listing.LaunchURL != "" {
			where = "it is in the gallery of " + listing.Audience
		}
		fmt.Printf("client %s: %s\n", c.ID, where)
		return nil
	})
}

type clientListCommand struct{}

// Run implements the command client list.
func (clientListCommand) Run(e *environment) error {
	return e.offline(func(s *app.Service) error {
		all, err := s.Clients(e)
		for _, c := range all {
			state := map[bool]string{true: "in the gallery", false: "in no gallery"}[c.Listed]
			if c.Disabled {
				state = "ended"
			}
			fmt.Printf("%s\t%s\t%s\t%s\t%s\n", c.ID, c.Purpose, state, c.Name, c.Said)
		}
		return err
	})
}
