// Package intervals knows which numbers are covered.
package intervals

// Span holds the numbers from Start up to, but not including, End.
type Span struct{ Start, End int }

// Set is a set of numbers, kept as spans. The zero value is empty.
type Set struct {
	spans []Span
}

// Add covers a span; an empty or reversed one changes nothing.
func (s *Set) Add(span Span) {
	panic("not implemented")
}

// Remove uncovers a span; what lies on both sides of it stays.
func (s *Set) Remove(span Span) {
	panic("not implemented")
}

// Contains says whether a number is covered.
func (s *Set) Contains(number int) bool {
	panic("not implemented")
}

// Spans are what is covered, in order; never nil.
func (s *Set) Spans() []Span {
	panic("not implemented")
}

// Gaps are what is not covered within the span, in order; never nil.
func (s *Set) Gaps(within Span) []Span {
	panic("not implemented")
}
