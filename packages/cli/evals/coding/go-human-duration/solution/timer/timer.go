// Package timer counts down.
package timer

import (
	"fmt"
	"time"

	"example.com/human-duration/human"
)

// Timer ends some time after it began.
type Timer struct {
	ends time.Time
}

// Start begins a timer such as "25m"; it must be longer than nothing.
func Start(text string, now time.Time) (*Timer, error) {
	length, err := human.Parse(text)
	if err != nil {
		return nil, err
	}
	if length <= 0 {
		return nil, fmt.Errorf("a timer of %q has no time", text)
	}
	return &Timer{ends: now.Add(length)}, nil
}

// Left is how long it goes on, never below 0.
func (t *Timer) Left(now time.Time) time.Duration {
	if left := t.ends.Sub(now); left > 0 {
		return left
	}
	return 0
}
