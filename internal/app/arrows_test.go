package app

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says what each package may import of ours: the design's direction,
// package by package. A package that is not here may not exist; an arrow that is
// not here is a change of the design, to be made here first.
var arrows = map[string]string{
	"cmd/tributary": "config config/program connectors fhir fhir/model fhir/path fhir/profile fhir/terminology fhir/tree internal/app internal/audit internal/bench internal/check internal/demo internal/readability internal/reindex internal/store internal/survey internal/synth internal/terminology",

	"config":             "",
	"config/program":     "",
	"config/program/gen": "config/program internal/readability",

	"fhir":                   "fhir/model fhir/narrative fhir/tree",
	"fhir/compose":           "",
	"fhir/fhirtest":          "",
	"fhir/gen":               "",
	"fhir/graphql":           "fhir/model fhir/path fhir/search fhir/tree",
	"fhir/model":             "",
	"fhir/model/gen":         "",
	"fhir/narrative":         "",
	"fhir/patch":             "fhir/model fhir/path fhir/tree",
	"fhir/path":              "fhir/model fhir/narrative fhir/tree fhir/ucum",
	"fhir/profile":           "fhir/model fhir/path fhir/tree",
	"fhir/profile/gen":       "",
	"fhir/search":            "fhir/model fhir/path fhir/tree fhir/ucum",
	"fhir/search/gen":        "fhir/model",
	"fhir/search/searchtest": "fhir/search",
	"fhir/subset":            "fhir/model fhir/tree",
	"fhir/terminology":       "fhir/tree fhir/ucum",
	"fhir/terminology/gen":   "",
	"fhir/tree":              "",
	"fhir/ucum":              "",
	"fhir/ucum/gen":          "",
	"fhir/xml":               "fhir/model fhir/tree",

	"docs/pictures/gen":        "",
	"connectors":               "fhir",
	"connectors/connectortest": "connectors fhir fhir/tree",
	"connectors/sandbox":       "fhir",
	"connectors/smart":         "connectors fhir fhir/tree",

	"internal/errs":  "",
	"internal/form":  "",
	"internal/keys":  "",
	"internal/blob":  "internal/errs",
	"internal/synth": "",

	"internal/readability": "",
	"internal/typeface":    "",

	"internal/store":          "fhir fhir/search",
	"internal/store/sqlindex": "fhir/search internal/errs internal/store",
	"internal/store/sqlite":   "fhir/search internal/store internal/store/sqlindex",
	"internal/store/postgres": "fhir/search internal/store internal/store/sqlindex",
	"internal/store/tables":   "fhir/search internal/store",
	"internal/feed":           "internal/store internal/store/tables",
	"internal/subscriptions": "fhir fhir/path fhir/search fhir/tree fhir/xml internal/access internal/errs internal/feed internal/jobs internal/operation internal/records " +
		"internal/session internal/store internal/store/tables",
	"internal/fulltext":        "fhir/search fhir/tree internal/feed internal/store internal/store/tables",
	"internal/parts":           "internal/feed internal/store internal/store/tables",
	"internal/store/storetest": "fhir/search fhir/search/searchtest internal/store internal/store/sqlite internal/store/postgres",

	"internal/session":             "internal/errs",
	"internal/session/embedded":    "internal/session",
	"internal/session/redis":       "internal/session",
	"internal/session/sessiontest": "internal/session",
	"internal/jobs":                "internal/store",
	"internal/check":               "fhir fhir/search fhir/tree internal/audit internal/store internal/store/sqlindex internal/store/tables",
	"internal/reindex": "fhir fhir/search fhir/tree internal/access internal/audit internal/errs internal/jobs internal/operation " +
		"internal/store internal/store/sqlindex internal/store/tables",
	"internal/mail": "internal/errs internal/store internal/store/tables",

	"internal/access":      "fhir fhir/model fhir/search internal/errs",
	"internal/access/gen":  "internal/access",
	"internal/consent/gen": "internal/consent",
	"internal/audit":       "fhir/search internal/access internal/errs internal/store internal/store/tables",
	"internal/records":     "fhir fhir/patch fhir/path fhir/search fhir/terminology fhir/tree internal/access internal/audit internal/errs internal/store internal/store/tables",
	"internal/paging":      "internal/errs internal/store",
	"internal/operation":   "fhir fhir/search fhir/tree internal/access internal/errs internal/records",
	"internal/terminology": "fhir/path fhir/terminology fhir/tree internal/access internal/errs internal/operation internal/records",
	"internal/fhirserver":  "fhir fhir/model fhir/search fhir/subset fhir/tree fhir/xml internal/access internal/errs internal/operation internal/paging internal/records internal/store",
	"internal/graphql":     "fhir fhir/graphql fhir/model fhir/path fhir/search fhir/tree internal/access internal/errs internal/operation internal/paging internal/records internal/store internal/terminology",
	"internal/packages":    "fhir fhir/search fhir/tree internal/access internal/errs internal/records internal/store",
	"internal/validation":  "fhir fhir/model fhir/path fhir/profile fhir/search fhir/terminology fhir/tree fhir/ucum internal/access internal/errs internal/operation internal/records internal/store",
	"internal/document":    "internal/access internal/errs internal/operation internal/records internal/store",
	"internal/match":       "fhir/search fhir/tree internal/access internal/errs internal/operation internal/records internal/store",
	"internal/authserver":  "internal/access internal/audit internal/errs internal/session internal/store internal/store/tables",

	"internal/signin":              "internal/errs internal/session",
	"internal/signin/signintest":   "",
	"internal/passkey":             "internal/errs internal/session internal/store internal/store/tables",
	"internal/passkey/passkeytest": "",

	"internal/apps": "fhir/model internal/access internal/errs internal/store internal/store/tables",

	"internal/exampleapp": "internal/store",

	"internal/account":            "config/program internal/access internal/errs internal/form internal/mail internal/records internal/store internal/store/tables",
	"internal/consent":            "config/program fhir/search internal/access internal/errs internal/form internal/jobs internal/mail internal/records internal/store internal/store/tables internal/typeface",
	"internal/cohort":             "config/program fhir/search internal/access internal/consent internal/errs internal/form internal/jobs internal/match internal/news internal/program internal/records internal/store internal/store/tables",
	"internal/news":               "config/program fhir/compose fhir/search internal/access internal/errs internal/form internal/jobs internal/mail internal/records internal/store internal/store/tables",
	"internal/retention":          "fhir/search internal/access internal/errs internal/jobs internal/records internal/store internal/store/tables",
	"internal/survey":             "config/program fhir/compose fhir/path fhir/search fhir/terminology fhir/tree fhir/ucum internal/access internal/consent internal/errs internal/form internal/records internal/store",
	"internal/visit":              "config/program fhir/compose fhir/search internal/access internal/errs internal/form internal/jobs internal/mail internal/records internal/store",
	"internal/biosample":          "config/program fhir/compose fhir/search internal/access internal/consent internal/errs internal/records internal/store internal/visit",
	"internal/measurement":        "config/program fhir/compose internal/access internal/consent internal/errs internal/form internal/records internal/store internal/visit",
	"internal/program":            "config/program fhir/compose fhir/search internal/access internal/consent internal/errs internal/measurement internal/operation internal/records internal/store internal/survey internal/visit",
	"internal/mydata":             "config/program fhir/model fhir/search fhir/tree fhir/ucum internal/access internal/apps internal/errs internal/records internal/store internal/typeface",
	"internal/portal/mydata":      "config/program internal/access internal/errs internal/mydata internal/paging internal/portal/web internal/store",
	"internal/portal/providers":   "internal/access internal/apps internal/consent internal/errs internal/form internal/portal/web",
	"internal/portal/staff":       "config/program internal/access internal/cohort internal/consent internal/errs internal/form internal/news internal/portal/web internal/program internal/store internal/survey internal/visit",
	"internal/portal/studies":     "config/program internal/access internal/errs internal/news internal/portal/web",
	"internal/portal/consents":    "config/program fhir/search internal/consent internal/errs internal/form internal/portal/web internal/records internal/store",
	"internal/portal/visits":      "config/program internal/biosample internal/errs internal/form internal/measurement internal/portal/web internal/program internal/visit",
	"internal/portal/center":      "config/program internal/account internal/biosample internal/consent internal/errs internal/form internal/measurement internal/portal/web internal/visit",
	"internal/portal/profile":     "config/program internal/access internal/account internal/errs internal/form internal/portal/web internal/records",
	"internal/portal/acting":      "config/program internal/access internal/account internal/consent internal/errs internal/form internal/portal/web",
	"internal/portal/home":        "config/program internal/consent internal/portal/web internal/program",
	"internal/portal/surveys":     "config/program internal/errs internal/form internal/portal/web internal/program internal/session internal/survey",
	"internal/portal/web":         "config/program internal/access internal/account internal/errs internal/form internal/session",
	"internal/portal/web/webtest": "internal/portal/web internal/readability internal/session internal/session/embedded",
	"internal/portal": "internal/portal/web config/program fhir fhir/search fhir/tree internal/access internal/account internal/apps internal/consent internal/errs internal/form internal/passkey internal/program " +
		"internal/records internal/session internal/signin internal/store",

	"internal/ingest": "connectors fhir fhir/search fhir/tree internal/access internal/errs internal/records internal/session internal/store internal/store/tables",
	"internal/export": "fhir fhir/search fhir/tree internal/access internal/audit internal/blob internal/consent internal/errs internal/export/deid " +
		"internal/jobs internal/records internal/store internal/store/tables",
	"internal/export/deid":     "fhir fhir/model fhir/tree",
	"internal/export/deid/gen": "",
	"internal/operation/gen":   "",

	"internal/demo":  "config/program fhir internal/synth",
	"internal/bench": "config fhir fhir/search fhir/tree internal/demo internal/store internal/synth",

	"internal/fhirserver/conformance": "",
	"internal/portal/browsertest":     "",
	"internal/app/clients":            "",
	"internal/cohort/cohorttest":      "internal/access internal/account internal/cohort internal/consent internal/keys internal/news internal/program/programtest internal/records internal/store",
	"internal/program/programtest":    "config/program fhir/search internal/access internal/account internal/audit internal/biosample internal/consent internal/keys internal/mail internal/measurement internal/program internal/records internal/store internal/store/storetest internal/survey internal/visit",
}

const module = "tributary/"

func TestArrows(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		from, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		if from == "internal/app" { // the wiring knows everything
			return nil
		}
		seen[from] = true
		return imports(t, from, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	for from := range arrows {
		if !seen[from] {
			t.Errorf("the table names %s, which is not there", from)
		}
	}
}

func imports(t *testing.T, from, path string) error {
	allowed, known := arrows[from]
	if !known {
		t.Errorf("%s is in no room of the house: %s", path, from)
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	for _, spec := range file.Imports {
		text, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		to, ours := strings.CutPrefix(text, module)
		if ours && !slices.Contains(strings.Fields(allowed), to) {
			t.Errorf("%s imports %s: there is no such arrow", path, to)
		}
	}
	return nil
}
