package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDefaultsWork(t *testing.T) {
	c, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.FHIRBase() != "http://127.0.0.1:8080/fhir/R4" || !*c.Maintenance.Tokens || c.DatabaseURL != "sqlite:data/tributary.db" {
		t.Errorf("%+v", c)
	}
}

func TestSampleFileLoads(t *testing.T) {
	c, err := Load("dev.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Providers) != 1 {
		t.Errorf("providers %v", c.Providers)
	}
}

func TestVariablesOverrideTheFile(t *testing.T) {
	c, err := Load("dev.yaml", []string{"TRIBUTARY_LISTEN=127.0.0.1:9000", "TRIBUTARY_SMTP__HOST=mail", "TRIBUTARY_DATABASE_URL=postgres://x/y", "HOME=/"})
	if err != nil {
		t.Fatal(err)
	}
	if c.BaseURL != "http://127.0.0.1:9000" || c.SMTP.Host != "mail" || c.DatabaseURL != "postgres://x/y" {
		t.Errorf("%+v", c)
	}
}

func TestAllFaultsAreReportedTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.yaml")
	bad := "databse_url: x\nenvironment: production\nlisten: nowhere\nbase_url: http://example.org\ndatabase_url: mysql:x\nnode: 5000\nproviders: [{id: a, vendor: zzz, secret_file: /nowhere}]\nexport: {ttl: 0s}\n"
	if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path, nil)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"databse_url", "vendor", "secret_file", "listen:", "base_url:", "database_url:", "node:", "smtp.host:", "providers[0]", "export.ttl:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in %v", want, err)
		}
	}
}

func TestUnknownVariablesAreRefused(t *testing.T) {
	if _, err := Load("", []string{"TRIBUTARY_REDIS_ULR=redis://x"}); err == nil || !strings.Contains(err.Error(), "redis_ulr") {
		t.Errorf("%v", err)
	}
	if _, err := Load("", []string{"TRIBUTARY_TESTDATA=/x", "TRIBUTARY_TEST_POSTGRES=x", "TRIBUTARY_NODE_MODULES=x"}); err != nil {
		t.Error(err)
	}
}
