package app

import (
	"fmt"
	"os"

	"tributary/config"
	"tributary/config/program"
)

// study is the program of the configured folder, or the one that is built in.
func study(c config.Program) (*program.Study, error) {
	if c.Dir == "" {
		return program.Default()
	}
	s, err := program.Load(os.DirFS(c.Dir))
	if err != nil {
		return nil, fmt.Errorf("the program in %s has faults; tributary program check lists them: %w", c.Dir, err)
	}
	return s, nil
}
