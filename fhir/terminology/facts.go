package terminology

import "context"

// Facts are the answers of a Service in the words of FHIRPath: it is a
// path.Terminology.
type Facts struct {
	service *Service
	ctx     context.Context
}

// Facts answers within one evaluation.
func (s *Service) Facts(ctx context.Context) *Facts { return &Facts{s, ctx} }

// MemberOf tells whether a code is in a value set, and whether that is known here;
// without a system it may be of any that the value set draws on.
func (f *Facts) MemberOf(valueSet, system, code string) (member, known bool, err error) {
	return f.service.Member(f.ctx, valueSet, Coding{System: system, Code: code})
}

// Subsumes tells how code a stands to code b of a system, in the words of $subsumes.
func (f *Facts) Subsumes(system, a, b string) (outcome string, known bool, err error) {
	found, known, err := f.service.Subsumes(f.ctx, system, a, b)
	return string(found), known, err
}
