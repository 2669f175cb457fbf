package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// numbers are the numbers given so far, in the order of giving: the number of
// a parameter is the line that names it.
type numbers struct {
	lines *[]string
	known map[string]int
}

func readNumbers(file string) (numbers, error) {
	n := numbers{lines: &[]string{}, known: map[string]int{}}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return n, nil
	}
	for line := range strings.Lines(string(raw)) {
		n.append(strings.TrimSpace(line))
	}
	return n, err
}

func (n numbers) append(name string) int {
	*n.lines = append(*n.lines, name)
	n.known[name] = len(*n.lines)
	return len(*n.lines)
}

func (n numbers) of(typ, code string) int {
	name := fmt.Sprintf("%s %s", typ, code)
	if number, ok := n.known[name]; ok {
		return number
	}
	return n.append(name)
}

func (n numbers) write(file string) error {
	return os.WriteFile(file, []byte(strings.Join(*n.lines, "\n")+"\n"), 0o644)
}
