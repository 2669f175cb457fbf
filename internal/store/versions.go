package store

import "tributary/fhir/search"

// Versions asks for versions of resources, deletions included, the newest first.
type Versions struct {
	Types []string   // of all resources of these types, or
	Key   search.Key // when Types is empty, of one resource
	Since int64      // made then or later, microseconds; 0 asks nothing
	// Until and Current restrict to what was current at some time of [Current,
	// Until], microseconds; Until 0 asks nothing.
	Current, Until int64
	After          *VersionCursor
	Limit          int
}

// VersionCursor is the place after a version.
type VersionCursor struct {
	Updated int64
	Key     search.Key
	Version int64
}
