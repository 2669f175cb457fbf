package store

// PartsName is the place in the change feed up to which the strings of resources are
// kept in parts. Its number grows when parts become others.
const PartsName = "string parts 1"

// StringValue is a string that rows of idx_string have under a parameter.
type StringValue struct {
	Param  int32
	Folded string
}
