package path

import (
	"strconv"
)

// fewItems is up to where looking at all pairs beats a map.
const fewItems = 24

// distinct drops, in place, the items from start on that repeat an earlier one.
func (r *run) distinct(items []Item, start int) ([]Item, error) {
	if len(items)-start > fewItems {
		return r.distinctByKey(items, start)
	}
	end := start
	for _, i := range items[start:] {
		if err := r.spend(end - start); err != nil {
			return items, err
		}
		if !contains(items[start:end], i) {
			items[end] = i
			end++
		}
	}
	return items[:end], nil
}

// distinctByKey compares only items that share a key.
func (r *run) distinctByKey(items []Item, start int) ([]Item, error) {
	seen := make(map[string][]Item, len(items)-start)
	end := start
	for _, i := range items[start:] {
		key := i.key()
		if err := r.spend(len(seen[key])); err != nil {
			return items, err
		}
		if !contains(seen[key], i) {
			seen[key] = append(seen[key], i)
			items[end] = i
			end++
		}
	}
	return items[:end], nil
}

// key is the same for equal items: the text of strings, whose number is what
// makes collections large; a letter for what compares by its meaning.
func (i Item) key() string {
	if i.isQuantity() {
		return "n"
	}
	switch v := i.value().(type) {
	case nil:
		return "c" + strconv.Itoa(i.object().Len())
	case string:
		return "s" + v
	case int64, long, decimal:
		return "n"
	}
	return "v"
}
