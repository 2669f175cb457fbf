package main

import (
	"fmt"

	"tributary/internal/app"
)

type loadCommand struct {
	Paths []string `arg:"" name:"file|folder" help:"Packages (.tgz), folders, Bundles or resources (.json), lines of resources (.ndjson)." type:"path"`
}

// Run implements the command load.
func (c loadCommand) Run(e *environment) error {
	return e.offline(func(s *app.Service) error {
		summary, err := s.Load(e, c.Paths)
		for _, line := range summary.Lines() {
			fmt.Println(line)
		}
		if err == nil && len(summary.Refused) > 0 {
			err = fmt.Errorf("%d definitions were refused; everything else is stored", len(summary.Refused))
		}
		return err
	})
}
