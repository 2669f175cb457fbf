package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// installation is a configuration for a service and a provider on fresh data.
type installation struct {
	file               string // its configuration
	service, provider  string // origins
	serviceAt, otherAt string // addresses
	Operator
}

const configuration = `listen: %[1]s
base_url: http://%[1]s
data_dir: %[3]s
database_url: %[4]s
node: 1
sandbox:
  listen: %[2]s
  base_url: http://%[2]s
providers:
  - {id: harbor, name: Harbor Health, fhir_base: "http://%[2]s/fhir/R4", client_id: tributary}
`

// install writes the configuration of an installation of that name.
func (r *run) install(name, databaseURL string) (*installation, error) {
	service, err := freeAddress()
	if err != nil {
		return nil, err
	}
	provider, err := freeAddress()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(r.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if databaseURL == "" {
		databaseURL = "sqlite:" + filepath.Join(dir, "tributary.db")
	}
	in := &installation{
		file: filepath.Join(dir, "config.yaml"), serviceAt: service, otherAt: provider,
		service: "http://" + service, provider: "http://" + provider,
	}
	return in, os.WriteFile(in.file, fmt.Appendf(nil, configuration, service, provider, dir, databaseURL), 0o600)
}

// serve starts the service and opens the installation for its operator.
func (r *run) serve(ctx context.Context, in *installation) (*process, error) {
	p, err := r.start(ctx, in.service, "/healthz", "--log", "warn", "--config", in.file, "serve")
	if err != nil {
		return nil, err
	}
	if in.Operator == nil {
		in.Operator, err = r.Operate(ctx, in.file)
	}
	return p, err
}

// provide starts the sandbox provider.
func (r *run) provide(ctx context.Context, in *installation) (*process, error) {
	return r.start(ctx, in.provider, "/fhir/R4/metadata", "--log", "warn", "--config", in.file, "sandbox")
}
