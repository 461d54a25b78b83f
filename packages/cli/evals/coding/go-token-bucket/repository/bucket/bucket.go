// Package bucket limits how often something may happen.
package bucket

import "time"

// Bucket holds up to burst tokens and gains rate of them a second. It begins full.
type Bucket struct {
	rate   float64
	burst  int
	tokens int
	last   time.Time
}

// New makes a full bucket.
func New(rate float64, burst int, now time.Time) *Bucket {
	return &Bucket{rate: rate, burst: burst, tokens: burst, last: now}
}

// Allow takes one token if there is one.
func (b *Bucket) Allow(now time.Time) bool {
	return b.AllowN(now, 1)
}

// AllowN takes n tokens if there are as many.
func (b *Bucket) AllowN(now time.Time, n int) bool {
	b.tokens += int(now.Sub(b.last).Seconds() * b.rate)
	b.last = now
	if b.tokens < n {
		return false
	}
	b.tokens -= n
	return true
}
