package program

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// The films in the folder videos are made from the texts by package gen: run go
// generate when a text has changed.
//
//go:generate go run ./gen

// Video is the film of a module in one language: names of files in Study.Videos.
type Video struct {
	Film     string  `json:"film"`     // WebM: VP9 and Opus, 854 by 480
	Captions string  `json:"captions"` // WebVTT, a cue a sentence
	Poster   string  `json:"poster"`   // WebP, the title
	Seconds  float64 `json:"seconds"`
	Text     string  `json:"text"` // SHA-256 of the words that are spoken, see Module.Spoken
}

// Video finds the film of a module of a kind of consent. A film that says other
// words than the module's does not count: false.
func (s *Study) Video(kind, lang string, m Module) (Video, bool) {
	v, ok := s.films[VideoName(kind, lang, m.ID)]
	return v, ok && v.Text == m.Spoken()
}

// VideoName is the path of a film in the folder videos, without its ending.
func VideoName(kind, lang, module string) string { return path.Join(kind, module+"."+lang) }

// Spoken is the SHA-256, in hex, of what a film of the module says: title and text.
func (m Module) Spoken() string {
	content, err := json.Marshal(append([]string{m.Title}, m.Text...))
	if err != nil {
		panic("program: a module is plain data: " + err.Error())
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// readVideos reads what films there are; a study may have none.
func readVideos(fsys fs.FS, s *Study) error {
	folder, err := fs.Sub(fsys, "videos")
	if err != nil {
		return err
	}
	s.Videos = folder
	body, err := fs.ReadFile(folder, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, &s.films); err != nil {
		return fmt.Errorf("videos/manifest.json: %w", err)
	}
	return s.lackingFiles()
}

// lackingFiles tells of films that the manifest names and nobody put there.
func (s *Study) lackingFiles() error {
	var faults []error
	for name, v := range s.films {
		for _, file := range []string{v.Film, v.Captions, v.Poster} {
			if _, err := fs.Stat(s.Videos, file); err != nil {
				faults = append(faults, fmt.Errorf("videos/manifest.json: %s: %w", name, err))
			}
		}
	}
	return errors.Join(faults...)
}
