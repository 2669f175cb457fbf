package packages_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/packages"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

type nobody struct{}

func (nobody) Permissions(context.Context, string) (access.Permissions, error) {
	return access.Permissions{}, nil
}
func (nobody) Withdrawn(context.Context) ([]string, error)       { return nil, nil }
func (nobody) Members(context.Context, string) ([]string, error) { return nil, nil }

func service(t *testing.T, db store.Store) *records.Service {
	ids := search.NewIDs(1, time.Now)
	log := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	t.Cleanup(func() {
		if err := log.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return records.New(records.Config{
		Store: db, Audit: log, IDs: ids, BaseURL: "http://x.y/fhir/R4",
		Policy: &access.Policy{Consents: nobody{}, Groups: nobody{}, Registry: search.Base()},
	})
}

// file is an entry of an archive.
type file struct{ name, content string }

func pack(t *testing.T, files ...file) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.tgz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zip := gzip.NewWriter(f)
	w := tar.NewWriter(zip)
	for _, one := range files {
		if err := w.WriteHeader(&tar.Header{Name: one.name, Typeflag: tar.TypeReg, Size: int64(len(one.content)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(one.content)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Close() error }{w, zip, f} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func valueSet(id, version string) string {
	return fmt.Sprintf(`{"resourceType":"ValueSet","id":%q,"url":"http://x.y/%s","version":%q,"status":"active"}`, id, id, version)
}

func load(t *testing.T, s *records.Service, paths ...string) packages.Summary {
	t.Helper()
	summary, err := packages.Load(context.Background(), s, paths)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func TestLoad(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := service(t, db)
		paths := []string{
			pack(t, file{"package/package.json", `{"name":"x"}`}, file{"package/.index.json", `{}`}, file{"package/ValueSet-a.json", valueSet("a", "1.0.0")},
				file{"package/ValueSet-b.json", `{"resourceType":"ValueSet","nonsense":1}`}, file{"package/Patient-p.json", `{"resourceType":"Patient"}`},
				file{"package/example/ValueSet-c.json", valueSet("c", "1")}, file{"../package/ValueSet-d.json", valueSet("d", "1")}, file{"/etc/passwd", "x"}),
			write(t, "bundle.json", `{"resourceType":"Bundle","type":"collection","entry":[{"resource":`+valueSet("e", "1")+`},{"resource":{"resourceType":"Patient"}}]}`),
			write(t, "lines.ndjson", valueSet("f", "1")+"\n\n"+valueSet("f", "2")+"\n"),
		}
		first := load(t, s, paths...)
		if c := first.Types["ValueSet"]; c.Created != 4 || c.Updated+c.Unchanged != 0 || first.Passed != 2 || len(first.Refused) != 1 {
			t.Fatalf("%+v", first)
		}
		if r := first.Refused[0]; !strings.HasSuffix(r.Name, "package/ValueSet-b.json") || !strings.Contains(r.Reason, "ValueSet.nonsense: unknown element") {
			t.Errorf("%+v", r)
		}
		for _, id := range []string{"a-1.0.0", "e-1", "f-1", "f-2"} {
			if _, err := s.Read(context.Background(), access.Job("validation", "HOPERAT"), "ValueSet", id); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		if again := load(t, s, paths...); again.Types["ValueSet"] != (packages.Counts{Unchanged: 4}) {
			t.Errorf("%+v", again)
		}
		changed := load(t, s, write(t, "a.json", strings.Replace(valueSet("a", "1.0.0"), "active", "retired", 1)))
		if changed.Types["ValueSet"] != (packages.Counts{Updated: 1}) {
			t.Errorf("%+v", changed)
		}
	})
}

func TestAnotherCanonicalIsNotOverwritten(t *testing.T) {
	s := service(t, storetest.SQLite(t, storetest.Options{}))
	load(t, s, write(t, "a.json", valueSet("a", "1")))
	other := load(t, s, write(t, "a.json", strings.Replace(valueSet("a", "1"), "http://x.y/a", "http://x.y/other", 1)))
	if len(other.Refused) != 1 || len(other.Types) != 0 || !strings.Contains(other.Refused[0].Reason, "http://x.y/a") {
		t.Errorf("%+v", other)
	}
}

// One that is refused by what it says does not keep others out of the store.
func TestOneRefusalIsOne(t *testing.T) {
	s := service(t, storetest.SQLite(t, storetest.Options{}))
	long := strings.Repeat("x", 80)
	summary := load(t, s, write(t, "x.ndjson", valueSet("a", "1")+"\n{\n"+`{"resourceType":"ValueSet","url":"http://x.y/`+long+`","version":"ä 1","status":"active"}`+"\n"))
	if summary.Types["ValueSet"].Created != 2 || len(summary.Refused) != 1 {
		t.Errorf("%+v", summary)
	}
	if lines := strings.Join(summary.Lines(), "\n"); !strings.Contains(lines, "2 new") || !strings.Contains(lines, "x.ndjson:2: not JSON") {
		t.Error(lines)
	}
}

func TestWhatIsNoPackageIsAnError(t *testing.T) {
	s := service(t, storetest.SQLite(t, storetest.Options{}))
	for _, path := range []string{write(t, "a.txt", "x"), write(t, "a.tgz", "x"), filepath.Join(t.TempDir(), "none"), write(t, "b.json", strings.Repeat(" ", 65<<20))} {
		if _, err := packages.Load(context.Background(), s, []string{path}); err == nil {
			t.Errorf("%s was read", path)
		}
	}
}

// US Core loads whole; a second load finds everything as it was.
func TestLoadUSCore(t *testing.T) {
	s := service(t, storetest.SQLite(t, storetest.Options{}))
	dir := fhirtest.Data(t, "us-core-610")
	first := load(t, s, dir)
	if len(first.Refused) > 0 || first.Types["StructureDefinition"].Created != 59 || first.Types["ValueSet"].Created != 36 {
		t.Errorf("%s", strings.Join(first.Lines(), "\n"))
	}
	second := load(t, s, dir)
	for typ, c := range second.Types {
		if c.Unchanged != first.Types[typ].Created || c.Created+c.Updated != 0 {
			t.Errorf("%s: %+v", typ, c)
		}
	}
}
