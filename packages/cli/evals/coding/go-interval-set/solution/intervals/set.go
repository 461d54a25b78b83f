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
	if span.Start >= span.End {
		return
	}
	var spans []Span
	for _, one := range s.spans {
		if one.End < span.Start || one.Start > span.End {
			spans = append(spans, one)
			continue
		}
		span = Span{min(one.Start, span.Start), max(one.End, span.End)}
	}
	at := 0
	for at < len(spans) && spans[at].Start < span.Start {
		at++
	}
	s.spans = append(append(append([]Span{}, spans[:at]...), span), spans[at:]...)
}

// Remove uncovers a span; what lies on both sides of it stays.
func (s *Set) Remove(span Span) {
	if span.Start >= span.End {
		return
	}
	var spans []Span
	for _, one := range s.spans {
		left := Span{one.Start, min(one.End, span.Start)}
		right := Span{max(one.Start, span.End), one.End}
		for _, rest := range []Span{left, right} {
			if rest.Start < rest.End {
				spans = append(spans, rest)
			}
		}
	}
	s.spans = spans
}

// Contains says whether a number is covered.
func (s *Set) Contains(number int) bool {
	for _, one := range s.spans {
		if one.Start <= number && number < one.End {
			return true
		}
	}
	return false
}

// Spans are what is covered, in order; never nil.
func (s *Set) Spans() []Span {
	return append([]Span{}, s.spans...)
}

// Gaps are what is not covered within the span, in order; never nil.
func (s *Set) Gaps(within Span) []Span {
	gaps := &Set{}
	gaps.Add(within)
	for _, one := range s.spans {
		gaps.Remove(one)
	}
	return gaps.Spans()
}
