// Package limiter limits clients apart from each other.
package limiter

import (
	"time"

	"example.com/token-bucket/bucket"
)

// Limiter has a bucket for each key.
type Limiter struct {
	rate    float64
	burst   int
	idle    time.Duration
	now     func() time.Time
	buckets map[string]*bucket.Bucket
}

// New makes a limiter without keys.
func New(rate float64, burst int, idle time.Duration, now func() time.Time) *Limiter {
	return &Limiter{rate: rate, burst: burst, idle: idle, now: now, buckets: map[string]*bucket.Bucket{}}
}

// Allow says whether the client may go on.
func (l *Limiter) Allow(key string) bool {
	b := l.buckets[key]
	if b == nil {
		b = bucket.New(l.rate, l.burst, l.now())
		l.buckets[key] = b
	}
	return b.Allow(l.now())
}

// Sweep forgets keys.
func (l *Limiter) Sweep() {
	l.buckets = map[string]*bucket.Bucket{}
}

// Len is the number of keys that are known.
func (l *Limiter) Len() int {
	return len(l.buckets)
}
