package path

import "maps"

// function is a row of the function table.
type function struct {
	min, max int // number of arguments
	run      method
	prepare  func(n *node) (method, error) // instead of run, where the literal arguments are worth a look when compiling
}

// functions are all that the engine has, by name; types take theirs in typeMethods.
var functions map[string]function

func init() {
	functions = map[string]function{}
	for _, table := range []map[string]function{
		filterFunctions, setFunctions, existenceFunctions, stringFunctions, patternFunctions,
		conversionFunctions, mathFunctions, boundaryFunctions, fhirFunctions, otherFunctions,
		terminologyFunctions, serviceFunctions, profileFunctions,
	} {
		maps.Copy(functions, table)
	}
}

// missing are functions of FHIRPath and FHIR that are not here, and why.
var missing = map[string]string{
	"weight": "it needs the properties of code systems",
}
