package terminology

import (
	"maps"
	"slices"
	"strings"
)

// BaseURLs are those of the definitions that are built in, of a kind (S or V).
func BaseURLs(kind string) (urls []string) {
	b := Base.(*base)
	b.entry("")
	for _, key := range slices.Sorted(maps.Keys(b.at)) {
		if url, ok := strings.CutPrefix(key, kind); ok {
			urls = append(urls, url)
		}
	}
	return urls
}
