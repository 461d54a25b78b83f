// Package bucket limits how often something may happen.
package bucket

import (
	"math"
	"time"
)

// Bucket holds up to burst tokens and gains rate of them a second. It begins full.
type Bucket struct {
	rate   float64
	burst  int
	tokens float64
	last   time.Time
}

// New makes a full bucket.
func New(rate float64, burst int, now time.Time) *Bucket {
	return &Bucket{rate: rate, burst: burst, tokens: float64(burst), last: now}
}

// Allow takes one token if there is one.
func (b *Bucket) Allow(now time.Time) bool {
	return b.AllowN(now, 1)
}

// AllowN takes n tokens if there are as many.
func (b *Bucket) AllowN(now time.Time, n int) bool {
	if n < 1 || n > b.burst {
		return false
	}
	if now.After(b.last) {
		b.tokens = math.Min(float64(b.burst), b.tokens+now.Sub(b.last).Seconds()*b.rate)
		b.last = now
	}
	if b.tokens < float64(n)-1e-9 {
		return false
	}
	b.tokens = math.Max(0, b.tokens-float64(n))
	return true
}

// FullAt is when it is, or was, full again.
func (b *Bucket) FullAt() time.Time {
	missing := (float64(b.burst) - b.tokens) / b.rate
	return b.last.Add(time.Duration(missing * float64(time.Second)))
}
