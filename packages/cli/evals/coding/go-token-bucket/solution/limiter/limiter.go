// Package limiter limits clients apart from each other.
package limiter

import (
	"sync"
	"time"

	"example.com/token-bucket/bucket"
)

// Limiter has a bucket for each key. It may be used from many goroutines.
type Limiter struct {
	rate    float64
	burst   int
	idle    time.Duration
	now     func() time.Time
	mutex   sync.Mutex
	buckets map[string]*bucket.Bucket
}

// New makes a limiter without keys.
func New(rate float64, burst int, idle time.Duration, now func() time.Time) *Limiter {
	return &Limiter{rate: rate, burst: burst, idle: idle, now: now, buckets: map[string]*bucket.Bucket{}}
}

// Allow says whether the client may go on.
func (l *Limiter) Allow(key string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	b := l.buckets[key]
	if b == nil {
		b = bucket.New(l.rate, l.burst, l.now())
		l.buckets[key] = b
	}
	return b.Allow(l.now())
}

// Sweep forgets the keys whose buckets were full for at least idle.
func (l *Limiter) Sweep() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for key, b := range l.buckets {
		if !l.now().Before(b.FullAt().Add(l.idle)) {
			delete(l.buckets, key)
		}
	}
}

// Len is the number of keys that are known.
func (l *Limiter) Len() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return len(l.buckets)
}
