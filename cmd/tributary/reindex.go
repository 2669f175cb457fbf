package main

import (
	"errors"
	"fmt"
	"os"

	"tributary/internal/app"
	"tributary/internal/reindex"
)

type reindexCommand struct {
	Type []string `help:"Resource type; may be repeated. Without it, everything is indexed again." placeholder:"TYPE"`
}

// Run implements the command reindex.
func (c reindexCommand) Run(e *environment) error {
	return e.offline(func(s *app.Service) error {
		sum, err := s.Reindex(e, c.Type, func(sum reindex.Summary) { fmt.Fprintln(os.Stderr, sum) })
		if err != nil {
			return err
		}
		fmt.Println(sum)
		if sum.Failed > 0 {
			return errors.New("some resources cannot be read; tributary check names them")
		}
		return nil
	})
}
