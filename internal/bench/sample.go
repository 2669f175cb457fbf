package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
)

// sample picks resources, writes what the server answers for them into the
// folder, and returns their paths.
func sample(ctx context.Context, base string, q reads, dir string) ([]string, error) {
	if len(q.places) == 0 {
		return nil, errors.New("there is nothing to read")
	}
	random := rand.New(rand.NewPCG(1, 2))
	var paths []string
	for _, i := range random.Perm(len(q.places))[:min(sampled, len(q.places))] {
		place := q.places[i]
		file := filepath.Join(dir, filepath.FromSlash(place))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		body, err := fetch(ctx, base+"/fhir/R4/"+place, q.token)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, body, 0o600); err != nil {
			return nil, err
		}
		paths = append(paths, "/fhir/R4/"+place)
	}
	return paths, nil
}

func fetch(ctx context.Context, target, token string) ([]byte, error) {
	res, err := ask(ctx, target, token)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("a read was answered with HTTP %d", res.StatusCode)
	}
	return body, err
}
