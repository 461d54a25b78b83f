package evaluation

import (
	"math/rand"
	"reflect"
	"testing"

	"example.com/interval-set/booking"
	"example.com/interval-set/intervals"
)

type span = intervals.Span

func set(spans ...span) *intervals.Set {
	s := &intervals.Set{}
	for _, one := range spans {
		s.Add(one)
	}
	return s
}

func expect(t *testing.T, got []span, want ...span) {
	t.Helper()
	if got == nil {
		t.Fatal("nil")
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestAdd(t *testing.T) {
	expect(t, set().Spans())
	expect(t, set(span{5, 5}, span{4, 2}).Spans())
	expect(t, set(span{3, 5}, span{1, 3}).Spans(), span{1, 5})
	expect(t, set(span{1, 2}, span{5, 6}, span{3, 4}).Spans(), span{1, 2}, span{3, 4}, span{5, 6})
	expect(t, set(span{1, 2}, span{5, 6}, span{9, 12}, span{2, 10}).Spans(), span{1, 12})
	expect(t, set(span{1, 10}, span{3, 4}).Spans(), span{1, 10})
	expect(t, set(span{-5, -3}, span{-4, 1}).Spans(), span{-5, 1})
}

func TestRemove(t *testing.T) {
	s := set(span{0, 10})
	s.Remove(span{3, 5})
	expect(t, s.Spans(), span{0, 3}, span{5, 10})
	s.Remove(span{9, 20})
	s.Remove(span{0, 1})
	s.Remove(span{7, 7})
	s.Remove(span{8, 6})
	expect(t, s.Spans(), span{1, 3}, span{5, 9})
	s.Remove(span{-1, 100})
	expect(t, s.Spans())
}

func TestContains(t *testing.T) {
	s := set(span{1, 3}, span{5, 6})
	for number, want := range map[int]bool{0: false, 1: true, 2: true, 3: false, 4: false, 5: true, 6: false} {
		if s.Contains(number) != want {
			t.Errorf("%d: %v", number, !want)
		}
	}
}

func TestGaps(t *testing.T) {
	s := set(span{2, 4}, span{6, 8})
	expect(t, s.Gaps(span{0, 10}), span{0, 2}, span{4, 6}, span{8, 10})
	expect(t, s.Gaps(span{3, 7}), span{4, 6})
	expect(t, s.Gaps(span{2, 4}))
	expect(t, s.Gaps(span{9, 9}))
	expect(t, set().Gaps(span{1, 2}), span{1, 2})
}

func TestSpansAreACopy(t *testing.T) {
	s := set(span{1, 2})
	s.Spans()[0].End = 100
	expect(t, s.Spans(), span{1, 2})
}

func TestAgainstABitmap(t *testing.T) {
	random := rand.New(rand.NewSource(7))
	s := &intervals.Set{}
	var bits [60]bool
	for step := 0; step < 500; step++ {
		one := span{random.Intn(60), random.Intn(60)}
		adds := random.Intn(2) == 0
		for i := one.Start; i < one.End; i++ {
			bits[i] = adds
		}
		if adds {
			s.Add(one)
		} else {
			s.Remove(one)
		}
		for i, covered := range bits {
			if s.Contains(i) != covered {
				t.Fatalf("step %d: %d is %v", step, i, !covered)
			}
		}
		spans := s.Spans()
		for i := 1; i < len(spans); i++ {
			if spans[i-1].End >= spans[i].Start {
				t.Fatalf("%v", spans)
			}
		}
	}
}

func TestBooking(t *testing.T) {
	day := &booking.Day{Opens: 540, Closes: 600}
	if !day.Book(540, 20) || day.Book(550, 5) || !day.Book(570, 20) || day.Book(595, 10) {
		t.Fatal("booking")
	}
	for minutes, want := range map[int]int{10: 560, 5: 560} {
		if got, ok := day.Free(minutes); !ok || got != want {
			t.Fatalf("%d minutes: %d %v", minutes, got, ok)
		}
	}
	if _, ok := day.Free(11); ok {
		t.Fatal("there is no room for 11")
	}
	day.Cancel(570, 20)
	if got, ok := day.Free(40); !ok || got != 560 {
		t.Fatalf("%d %v", got, ok)
	}
}
