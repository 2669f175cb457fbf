package main

import (
	"encoding/json"
	"errors"
	"image"
	"io/fs"
	"log"
	"math"
	"os"
	"path/filepath"
	"strings"

	"tributary/config/program"
)

const folder = "videos"

func main() {
	log.SetFlags(0)
	log.SetPrefix("films: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	study, err := program.Load(texts{os.DirFS(".")})
	if err != nil {
		return err
	}
	board, err := readStoryboard(filepath.Join(folder, "storyboard.yaml"))
	if err != nil {
		return err
	}
	list, err := films(study, board)
	if err != nil {
		return err
	}
	made, err := readManifest()
	if err != nil {
		return err
	}
	current, err := produceAll(list, made)
	if err := errors.Join(err, writeManifest(current)); err != nil {
		return err // what could not be made anew stays as it was
	}
	return sweep(current)
}

// texts is the study without its films, which may be missing: they are yet to be made.
type texts struct{ fs.FS }

func (t texts) Open(name string) (fs.File, error) {
	if name == folder || strings.HasPrefix(name, folder+"/") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return t.FS.Open(name)
}

// entry is a line of the manifest: the film, and what it was made of.
type entry struct {
	program.Video
	Made string `json:"made"`
}

// produceAll makes the films that are new or changed.
func produceAll(list []film, made map[string]entry) (map[string]entry, error) {
	current, changed := map[string]entry{}, []film(nil)
	for _, f := range list {
		if e, ok := made[f.name()]; ok && e.Made == f.hash() && e.there() {
			current[f.name()] = e
		} else {
			changed = append(changed, f)
		}
	}
	if len(changed) == 0 {
		return current, nil
	}
	camera, stop, err := newCamera()
	if err != nil {
		return made, err
	}
	defer stop()
	for _, f := range changed {
		log.Print(f.name())
		e, err := produce(camera, f)
		if err != nil {
			return current, err
		}
		current[f.name()] = e
	}
	return current, nil
}

// produce makes one film with its captions and poster.
func produce(c *camera, f film) (entry, error) {
	lines, samples, err := speak(f.Language, f.slides())
	if err != nil {
		return entry{}, err
	}
	pictures := make([]*image.RGBA, len(lines))
	for i, l := range lines {
		if pictures[i], err = c.take(f, l.slide); err != nil {
			return entry{}, err
		}
	}
	e := entry{Made: f.hash(), Video: program.Video{Film: f.name() + ".webm", Captions: f.name() + ".vtt", Poster: f.name() + ".webp",
		Seconds: math.Round(length(samples).Seconds()*10) / 10, Text: f.Module.Spoken()}}
	at := func(name string) string { return filepath.Join(folder, name) }
	return e, errors.Join(os.MkdirAll(filepath.Dir(at(e.Film)), 0o755),
		os.WriteFile(at(e.Captions), []byte(captions(lines)), 0o644), still(at(e.Poster), pictures[0]), encode(at(e.Film), lines, pictures, samples))
}

func (e entry) files() []string { return []string{e.Film, e.Captions, e.Poster} }

func (e entry) there() bool {
	for _, name := range e.files() {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

func readManifest() (map[string]entry, error) {
	body, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var made map[string]entry
	return made, json.Unmarshal(body, &made)
}

func writeManifest(current map[string]entry) error {
	body, err := json.MarshalIndent(current, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "manifest.json"), append(body, '\n'), 0o644)
}

// sweep removes the films of modules that are no more.
func sweep(current map[string]entry) error {
	known := map[string]bool{}
	for _, e := range current {
		for _, name := range e.files() {
			known[filepath.Join(folder, name)] = true
		}
	}
	var faults []error
	for _, pattern := range []string{"*.webm", "*.vtt", "*.webp"} {
		names, err := filepath.Glob(filepath.Join(folder, "*", pattern))
		faults = append(faults, err)
		for _, name := range names {
			if !known[name] {
				faults = append(faults, os.Remove(name))
			}
		}
	}
	return errors.Join(faults...)
}
