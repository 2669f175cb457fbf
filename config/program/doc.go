// Package program is a research study as data: its consent documents, surveys,
// measurement protocol and sites. The files beside this one are the default
// study; Load reads another one with the same layout from any file system.
//
//	study.yaml             languages, title, cohort, age of majority, purposes
//	consents/<kind>/       what each consent is about (kind.yaml), and its texts:
//	                       <version>.<language>.yaml with key information, modules,
//	                       questions and what is signed
//	videos/                films of the modules, made from their texts by package gen,
//	                       and the storyboard that they are made by
//	surveys/*.json         FHIR R4 Questionnaires, one a file
//	surveys.yaml           their order, and when each is asked
//	protocol.yaml          physical measurements: codes, units, plausible ranges, alerts, what values mean
//	visits.yaml            what to expect of a visit, and when to remind of it
//	kits.yaml              biosamples: who is asked for which, tubes, labels
//	eligibility.yaml       what each step asks for, the milestones, and their texts
//	sites.yaml             where visits happen, when, and how to get there
//	news.yaml              topics that the study writes to people about
//	studies.yaml           other research that people are invited to
//	groups.yaml            by what groups the study looks at whom it reaches
//
// Load tells all faults of a study together: a study that loads is complete.
// The package is a leaf: it imports nothing of ours and decides nothing; what a
// participant may do next is internal/program, what a signature means is
// internal/consent.
package program
