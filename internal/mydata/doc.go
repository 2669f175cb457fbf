// Package mydata reads what is kept about a person in the way that the person reads
// it: entries of a timeline, measured quantities as charts, everything to take along.
//
//	service.go    what it works with; resources read as entries
//	kind.go       kinds of data (package apps), of which a timeline is narrowed to one
//	timeline.go   pages of entries, by kind and by words
//	entry.go      a resource as an entry: title, value, time, where it comes from
//	when.go       FHIR dates, as exact as they were given
//	value.go      values and units as people read them
//	medicine.go   names of medicines that records refer to
//	detail.go     one record with its versions
//	field.go      all that a resource says, as labelled fields
//	quantity.go   what is measured: series in one unit, with the usual range
//	group.go      Observations put into series
//	level.go      how a value stands to the usual range
//	protocol.go   what the study's protocol calls a quantity, and calls usual
//	chart.go      where points, bands and ticks stand in a picture
//	take.go       everything as a FHIR Bundle
//	paper.go      everything as a PDF
//	desk.go       who makes a PDF when
//
// Every access is a read of the participant's own through package records, which
// decides and audits. Nothing is kept here, and nothing is loaded as a whole: a
// timeline is read in pages, a download is written while it is read.
//
// Texts are English, with places for arguments; a Voice says them in the reader's
// language. What records themselves say (names of codes, notes) stays as it is.
//
// Neighbours: internal/records reads, internal/apps has the kinds of data, fhir/ucum
// converts; internal/portal/mydata shows it.
package mydata
