package program

import (
	"bytes"
	"embed"
	"errors"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml surveys/*.json consents videos
var files embed.FS

// Default loads the study that comes with the program.
func Default() (*Study, error) { return Load(files) }

// Files are the default study's: what another program begins with.
func Files() fs.FS { return files }

// Load reads a study and tells all that is wrong with it.
func Load(fsys fs.FS) (*Study, error) {
	s := &Study{}
	var sites struct {
		Sites []Site `yaml:"sites"`
	}
	faults := []error{
		readYAML(fsys, "study.yaml", s),
		readConsents(fsys, s),
		readYAML(fsys, "protocol.yaml", &s.Protocol),
		readYAML(fsys, "sites.yaml", &sites),
		readYAML(fsys, "visits.yaml", &s.Visits),
		readYAML(fsys, "kits.yaml", &s.Biosamples),
		readYAML(fsys, "eligibility.yaml", &s.Eligibility),
		readSurveys(fsys, s),
		readVideos(fsys, s),
		readOutreach(fsys, &s.Outreach),
	}
	s.Sites = sites.Sites
	err := errors.Join(faults...)
	if readable(err) {
		err = errors.Join(err, s.validate()) // what was not read need not be checked
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readYAML refuses fields that it does not know: a misspelt one would be lost.
func readYAML(fsys fs.FS, name string, into any) error {
	body, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return told(name, err)
	}
	return nil
}
