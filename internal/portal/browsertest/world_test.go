package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/config"
	"tributary/config/program"
	"tributary/connectors/sandbox"
	"tributary/internal/app"
	"tributary/internal/synth"
)

// world is the study's service with a provider beside it.
type world struct {
	service *app.Service
	config  config.Config // of the service
	stop    func()        // the service
	base    string        // origin of the service
	study   *program.Study
	faults  *sandbox.Faults // of the provider
	people  []person        // of names, adults among the provider's patients
	axe     string          // axe-core's source; "" leaves it out
	looked  map[string]bool // bodies of pages
	screens string          // folder of the screenshots
	heard   *overheard      // the service's log
}

// person is a patient of the provider, and what they type when they join: under
// names that stand nowhere else, so that they can be searched for.
type person struct {
	record        string // id at the provider
	birth, sex    string // as the provider has them
	given, family string
	listed        string // family name at the provider
	secret        string // of the authenticator, once enrolled
}

// names are those of the people in the tests, in the order in which the provider
// admits them.
var names = [][2]string{{"Wilhelmina", "Featherstone"}, {"Bartholomew", "Quillfeather"}, {"Seraphina", "Thistlewood"}, {"Evangeline", "Applewhite"}}

func (p person) email() string { return strings.ToLower(p.given) + "@mail.example" }

func (p person) name() string { return p.given + " " + p.family }

// says lists what must be in no address and no cookie.
func (p person) says() []string { return []string{p.given, p.family, p.birth, p.email(), p.secret} }

func newWorld(t *testing.T, changes ...func(*config.Config)) *world {
	t.Helper()
	ctx := context.Background()
	c, err := config.Load("", []string{"TRIBUTARY_DATA_DIR=" + t.TempDir(), "TRIBUTARY_LISTEN=" + freePort(t), "TRIBUTARY_SANDBOX__LISTEN=" + freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	c.Sandbox.BaseURL = strings.Replace(c.Sandbox.BaseURL, "127.0.0.1", "localhost", 1)
	c.Providers = []config.Provider{{ID: "harbor", Name: "Harbor Health", Place: "Salem, MA", FHIRBase: c.Sandbox.BaseURL + "/fhir/R4", ClientID: "tributary"}}
	for _, change := range changes {
		change(&c)
	}
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	provider, err := app.NewProvider(ctx, c, app.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	start(t, provider)
	heard := &overheard{}
	service, err := app.NewService(ctx, c, app.Options{Logger: heard.logger()})
	if err != nil {
		t.Fatal(err)
	}
	stop := start(t, service)
	return &world{service: service, config: c, stop: stop, base: c.BaseURL, study: study, faults: provider.Faults, people: admit(t, provider, c.Sandbox.BaseURL), axe: axeSource(t), looked: map[string]bool{}, screens: screenFolder(t), heard: heard}
}

// start runs a part until the test ends, or the function that it returns is called.
func start(t *testing.T, part interface {
	Start(context.Context) error
	Stop(context.Context) error
}) (stop func()) {
	t.Helper()
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := part.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	if err := part.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return stop
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// admit gives the provider its patients and returns those who will join: adults.
func admit(t *testing.T, p *app.Provider, base string) []person {
	t.Helper()
	token, err := p.Token(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	g := synth.New(synth.Options{Seed: 3, MaxYears: 1})
	for _, b := range g.Infrastructure() {
		load(t, base, token, b.JSON)
	}
	var people []person
	for i := 0; len(people) < len(names); i++ {
		raw := g.Patient(i).JSON
		if one, ok := adult(t, raw); ok {
			one.record, one.given, one.family = load(t, base, token, raw), names[len(people)][0], names[len(people)][1]
			people = append(people, one)
		}
	}
	return people
}

// adult reads who a bundle is about; false for children and the dead.
func adult(t *testing.T, raw []byte) (person, bool) {
	t.Helper()
	var bundle struct {
		Entry []struct {
			Resource struct {
				ResourceType, BirthDate, Gender, DeceasedDateTime string
				Name                                              json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(raw, &bundle); err != nil {
		t.Fatal(err)
	}
	for _, e := range bundle.Entry {
		if r := e.Resource; r.ResourceType == "Patient" {
			grown := time.Now().AddDate(-19, 0, 0).Format(time.DateOnly)
			return person{birth: r.BirthDate, sex: r.Gender, listed: familyOf(t, r.Name)}, r.DeceasedDateTime == "" && r.BirthDate < grown
		}
	}
	return person{}, false
}

func familyOf(t *testing.T, names json.RawMessage) string {
	t.Helper()
	var all []struct{ Family string }
	if err := json.Unmarshal(names, &all); err != nil || len(all) == 0 {
		t.Fatal("a patient without a name", err)
	}
	return all[0].Family
}

// load posts a bundle and returns the id that its Patient got.
func load(t *testing.T, base, token string, bundle []byte) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, base+"/fhir/R4", bytes.NewReader(bundle))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/fhir+json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Entry []struct{ Response struct{ Location string } }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("loading the provider: HTTP %d, %v", res.StatusCode, err)
	}
	for _, e := range answer.Entry {
		if _, rest, ok := strings.Cut(e.Response.Location, "Patient/"); ok {
			id, _, _ := strings.Cut(rest, "/")
			return id
		}
	}
	return ""
}
