package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"tributary/config/program"
	"tributary/internal/survey"
)

type programCommand struct {
	Check programCheck `cmd:"" help:"List all faults of a program; exit status 1 if there is one."`
	Diff  programDiff  `cmd:"" help:"Tell what changes from one version of a program to another, and what that means; exit status 1 if something cannot be done so."`
	New   programNew   `cmd:"" help:"Copy the built-in program to a new folder, to be made another one."`
}

type programCheck struct {
	Folder string `arg:"" optional:"" type:"existingdir" help:"Folder of the program; else the configured one, or the one that is built in."`
}

// errProgram makes the exit status 1.
var errProgram = errors.New("the program has faults")

// Run implements the command program check.
func (c programCheck) Run(e *environment) error {
	folder := c.Folder
	if folder == "" {
		folder = e.config.Program.Dir
	}
	s, err := programOf(folder)
	if err == nil {
		err = survey.Check(e, s, nil)
	}
	if err != nil {
		faults := strings.Split(err.Error(), "\n")
		for _, fault := range faults {
			fmt.Println(fault)
		}
		return fmt.Errorf("%w: %d", errProgram, len(faults))
	}
	fmt.Printf("%s: %d consents, %d surveys, %d sites, %d steps, in %s: no faults\n",
		s.Title, len(s.Consents), len(s.Surveys), len(s.Sites), len(s.Eligibility.Steps), strings.Join(s.Languages, " and "))
	for _, hint := range hints(s) {
		fmt.Println(hint)
	}
	return nil
}

// programOf is the program in a folder; "" is the one that is built in.
func programOf(folder string) (*program.Study, error) {
	if folder == "" {
		return program.Default()
	}
	return program.Load(os.DirFS(folder))
}

type programDiff struct {
	Old string `arg:"" type:"existingdir" help:"Folder of the version that runs."`
	New string `arg:"" type:"existingdir" help:"Folder of the version to come."`
}

// errNotPossible makes the exit status 1.
var errNotPossible = errors.New("some of these changes cannot be made")

// Run implements the command program diff.
func (c programDiff) Run(*environment) error {
	before, err := programOf(c.Old)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Old, err)
	}
	after, err := programOf(c.New)
	if err != nil {
		return fmt.Errorf("%s: %w", c.New, err)
	}
	all := program.Diff(before, after)
	if len(all) == 0 {
		fmt.Println("nothing changes")
	}
	for _, d := range all {
		fmt.Println(d)
		if d.Wrong {
			err = errNotPossible
		}
	}
	return err
}

type programNew struct {
	Folder string `arg:"" type:"path" help:"A folder that is not there yet."`
}

// Run implements the command program new.
func (c programNew) Run(*environment) error {
	if _, err := os.Stat(c.Folder); err == nil {
		return fmt.Errorf("%s is there already", c.Folder)
	}
	if err := os.CopyFS(c.Folder, program.Files()); err != nil {
		return err
	}
	fmt.Printf("%s: change it, check it with tributary program check %s, and name it as program.dir in the configuration\n", c.Folder, c.Folder)
	return nil
}
