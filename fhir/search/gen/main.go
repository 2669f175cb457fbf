// Command gen condenses the R4 SearchParameters, the Patient compartment and
// the code systems behind required bindings to the tables that package search
// embeds. It reads a definitions folder (flag -dir) or, without it, the
// r4-definitions.tar.xz of $TRIBUTARY_TESTDATA.
//
// The numbers of parameters are in stored indexes: numbers.txt keeps each one
// for ever, and only new parameters get new numbers.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", "", "folder with SearchParameter-*.json, ValueSet-*.json and CompartmentDefinition-patient.json")
	flag.Parse()
	if err := run(*dir); err != nil {
		log.Fatal(err)
	}
}

func run(dir string) error {
	if dir == "" {
		unpacked, err := unpack(os.Getenv("TRIBUTARY_TESTDATA"))
		if err != nil {
			return err
		}
		defer os.RemoveAll(unpacked)
		dir = filepath.Join(unpacked, "r4-definitions")
	}
	if err := writeSystems(dir); err != nil {
		return err
	}
	t := table{}
	if err := t.read(dir); err != nil {
		return err
	}
	numbers, err := readNumbers("numbers.txt")
	if err != nil {
		return err
	}
	return t.write(numbers)
}

// unpack lets tar open the archive: the standard library has no xz.
func unpack(archives string) (string, error) {
	dir, err := os.MkdirTemp("", "r4-definitions")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("tar", "-xJf", filepath.Join(archives, "r4-definitions.tar.xz"), "-C", dir)
	cmd.Stderr = os.Stderr
	return dir, cmd.Run()
}

// each decodes every file of the folder that matches the pattern.
func each[T any](dir, pattern string, use func(T) error) error {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no %s in %s", pattern, dir)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := use(v); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}
