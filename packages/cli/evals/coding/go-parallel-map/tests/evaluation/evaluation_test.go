package evaluation

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/parallel-map/fetch"
	"example.com/parallel-map/parallel"
)

func numbers(count int) []int {
	items := make([]int, count)
	for index := range items {
		items[index] = index
	}
	return items
}

func within(t *testing.T, work func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); work() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it hangs")
	}
}

func TestOrderAndLimit(t *testing.T) {
	within(t, func() {
		var running, most atomic.Int32
		results, err := parallel.Map(context.Background(), numbers(40), 3, func(_ context.Context, n int) (int, error) {
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			time.Sleep(time.Duration((n*7)%5) * time.Millisecond)
			running.Add(-1)
			return n * n, nil
		})
		want := make([]int, 40)
		for n := range want {
			want[n] = n * n
		}
		if err != nil || !reflect.DeepEqual(results, want) {
			t.Errorf("%v %v", results, err)
		}
		if most.Load() > 3 || most.Load() < 2 {
			t.Errorf("%d at a time", most.Load())
		}
	})
}

func TestTheFirstErrorEndsIt(t *testing.T) {
	within(t, func() {
		bad := errors.New("bad")
		var started, finished atomic.Int32
		results, err := parallel.Map(context.Background(), numbers(1000), 4, func(ctx context.Context, n int) (int, error) {
			started.Add(1)
			defer finished.Add(1)
			if n == 2 {
				return 0, bad
			}
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(5 * time.Second):
				return n, nil
			}
		})
		if !errors.Is(err, bad) || results != nil {
			t.Errorf("%v %v", results, err)
		}
		if started.Load() > 5 || started.Load() != finished.Load() {
			t.Errorf("started %d, finished %d", started.Load(), finished.Load())
		}
	})
}

func TestAContextThatEnds(t *testing.T) {
	within(t, func() {
		ctx, cancel := context.WithCancel(context.Background())
		var started atomic.Int32
		_, err := parallel.Map(ctx, numbers(100), 2, func(context.Context, int) (int, error) {
			if started.Add(1) == 2 {
				cancel()
			}
			time.Sleep(time.Millisecond)
			return 0, nil
		})
		if !errors.Is(err, context.Canceled) || started.Load() > 4 {
			t.Errorf("%v after %d", err, started.Load())
		}
		before := started.Load()
		if _, err := parallel.Map(ctx, numbers(3), 2, func(context.Context, int) (int, error) { started.Add(1); return 0, nil }); !errors.Is(err, context.Canceled) || started.Load() != before {
			t.Errorf("an ended context: %v", err)
		}
	})
}

func TestPanicsAreErrors(t *testing.T) {
	within(t, func() {
		_, err := parallel.Map(context.Background(), numbers(5), 2, func(_ context.Context, n int) (int, error) {
			if n == 3 {
				panic("kaboom 3")
			}
			return n, nil
		})
		if err == nil || !strings.Contains(err.Error(), "kaboom 3") {
			t.Errorf("%v", err)
		}
	})
}

func TestEdges(t *testing.T) {
	within(t, func() {
		work := func(_ context.Context, n int) (int, error) { return n, nil }
		for _, limit := range []int{0, -1} {
			if _, err := parallel.Map(context.Background(), numbers(2), limit, work); err == nil {
				t.Error("a limit below 1")
			}
		}
		if results, err := parallel.Map(context.Background(), []int{}, 3, work); err != nil || len(results) != 0 {
			t.Errorf("%v %v", results, err)
		}
		if results, err := parallel.Map(context.Background(), numbers(2), 100, work); err != nil || len(results) != 2 {
			t.Errorf("%v %v", results, err)
		}
	})
}

type source map[string]string

func (s source) Get(_ context.Context, name string) (string, error) {
	if text, ok := s[name]; ok {
		return text, nil
	}
	return "", errors.New("no " + name)
}

func TestNoGoroutineStays(t *testing.T) {
	before := runtime.NumGoroutine()
	for range make([]int, 20) {
		_, _ = fetch.All(context.Background(), source{"a": "1"}, []string{"a", "b", "c", "a", "a", "a"})
	}
	time.Sleep(50 * time.Millisecond)
	if after := runtime.NumGoroutine(); after > before+2 {
		t.Fatalf("%d goroutines more", after-before)
	}
}

func TestFetch(t *testing.T) {
	found, err := fetch.All(context.Background(), source{"a": "1", "b": "2"}, []string{"b", "a"})
	if err != nil || !reflect.DeepEqual(found, map[string]string{"a": "1", "b": "2"}) {
		t.Fatalf("%v %v", found, err)
	}
	if _, err := fetch.All(context.Background(), source{}, []string{"x"}); err == nil || !strings.Contains(err.Error(), "no x") {
		t.Fatal(err)
	}
}
