// Package biosample is the samples that participants give at a center: who is asked
// for which, in which tubes, with which labels, and how far each is.
//
//	rule    a kit of the study's data asks a share of the people, by age, site and
//	        circumstances. Who is in the share is a hash of the participant: it does
//	        not change from visit to visit, and nobody can choose (rule.go)
//	order   ServiceRequest → Task → Specimens, one for each tube. The Task's
//	        businessStatus goes created → collected → processed → finalized; each
//	        step has who, where and when. Specimen.status says only whether the
//	        sample is there
//	cancel  with a reason, at any step; what was labelled becomes entered-in-error
//	label   a number of its own for each tube, as text and as a barcode (Code 128),
//	        with the participant's biobank id; no name, no birth date
//
// A kit that stands in for another (saliva for blood) is ordered only where the
// other is not possible, with the reason.
//
// Neighbours: config/program has the kits; internal/visit has the visit at which
// they are taken; internal/account knows the biobank id; internal/portal/center
// shows and asks; internal/records writes.
package biosample
