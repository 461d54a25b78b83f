package evaluation

import (
	"sync"
	"testing"
	"time"

	"example.com/token-bucket/bucket"
	"example.com/token-bucket/limiter"
)

var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func at(milliseconds int) time.Time { return start.Add(time.Duration(milliseconds) * time.Millisecond) }

func TestFractionsAreKept(t *testing.T) {
	b := bucket.New(2, 1, start)
	if !b.Allow(start) {
		t.Fatal("a bucket begins full")
	}
	granted := 0
	for ms := 100; ms <= 5000; ms += 100 {
		if b.Allow(at(ms)) {
			granted++
		}
	}
	if granted < 9 || granted > 10 {
		t.Fatalf("granted %d in 5 s at 2 a second", granted)
	}
}

func TestAPauseGivesNoMoreThanBurst(t *testing.T) {
	b := bucket.New(100, 3, start)
	granted := 0
	for range make([]int, 10) {
		if b.Allow(at(60_000)) {
			granted++
		}
	}
	if granted != 3 {
		t.Fatalf("granted %d", granted)
	}
}

func TestAClockThatJumpsBack(t *testing.T) {
	b := bucket.New(1, 5, at(10_000))
	for range make([]int, 5) {
		b.Allow(at(10_000))
	}
	if b.Allow(at(4_000)) {
		t.Fatal("granted in the past")
	}
	if b.Allow(at(10_500)) {
		t.Fatal("the way back counted")
	}
	if !b.Allow(at(11_000)) {
		t.Fatal("tokens were taken")
	}
}

func TestN(t *testing.T) {
	b := bucket.New(1, 3, start)
	for _, n := range []int{4, 0, -1} {
		if b.AllowN(start, n) {
			t.Fatalf("%d was allowed", n)
		}
	}
	if !b.AllowN(start, 3) || b.AllowN(start, 1) {
		t.Fatal("refusals cost something, or nothing was taken")
	}
}

func TestSweep(t *testing.T) {
	now := start
	l := limiter.New(1, 2, time.Minute, func() time.Time { return now })
	l.Allow("a")
	now = at(50_000)
	l.Allow("b")
	now = at(60_500)
	l.Sweep()
	if l.Len() != 2 {
		t.Fatalf("a is full since second 1, which is less than a minute: %d", l.Len())
	}
	now = at(61_000)
	l.Sweep()
	if l.Len() != 1 {
		t.Fatalf("%d keys are left", l.Len())
	}
	if !l.Allow("b") || !l.Allow("b") || l.Allow("b") {
		t.Fatal("b lost its bucket")
	}
}

func TestManyGoroutines(t *testing.T) {
	l := limiter.New(0.0001, 50, time.Minute, func() time.Time { return start })
	var group sync.WaitGroup
	var mutex sync.Mutex
	granted := 0
	for range make([]int, 8) {
		group.Add(1)
		go func() {
			defer group.Done()
			for range make([]int, 50) {
				ok := l.Allow("x")
				mutex.Lock()
				if ok {
					granted++
				}
				mutex.Unlock()
				l.Len()
			}
		}()
	}
	group.Wait()
	if granted != 50 {
		t.Fatalf("granted %d of 50", granted)
	}
}
