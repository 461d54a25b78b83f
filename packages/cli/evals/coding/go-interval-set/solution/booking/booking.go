// Package booking finds room in a calendar of minutes.
package booking

import "example.com/interval-set/intervals"

// Day is one day's appointments, in minutes from midnight.
type Day struct {
	Opens, Closes int
	taken         intervals.Set
}

// Book takes a time, or returns false when a minute of it is taken or lies outside the opening hours.
func (d *Day) Book(start, minutes int) bool {
	for minute := start; minute < start+minutes; minute++ {
		if minute < d.Opens || minute >= d.Closes || d.taken.Contains(minute) {
			return false
		}
	}
	d.taken.Add(intervals.Span{Start: start, End: start + minutes})
	return true
}

// Cancel gives a time back.
func (d *Day) Cancel(start, minutes int) {
	d.taken.Remove(intervals.Span{Start: start, End: start + minutes})
}

// Free is the first start of so many free minutes; false when there is none.
func (d *Day) Free(minutes int) (int, bool) {
	for _, gap := range d.taken.Gaps(intervals.Span{Start: d.Opens, End: d.Closes}) {
		if gap.End-gap.Start >= minutes {
			return gap.Start, true
		}
	}
	return 0, false
}
