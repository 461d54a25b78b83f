// Package parallel does several things at once.
package parallel

import (
	"context"
	"fmt"
	"sync"
)

// Map calls work for each item, at most limit at a time, and returns the results in order. After the first error it
// starts no more, cancels what runs, waits for it and returns that error. A panic in work is an error.
func Map[T, R any](ctx context.Context, items []T, limit int, work func(context.Context, T) (R, error)) ([]R, error) {
	if limit < 1 {
		return nil, fmt.Errorf("a limit of %d", limit)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make([]R, len(items))
	places := make(chan struct{}, limit)
	var running sync.WaitGroup
	for index, item := range items {
		places <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		index, item := index, item
		running.Add(1)
		go func() {
			defer func() { <-places; running.Done() }()
			result, err := guarded(ctx, item, work)
			if err != nil {
				cancel(err)
			}
			results[index] = result
		}()
	}
	running.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return results, nil
}

func guarded[T, R any](ctx context.Context, item T, work func(context.Context, T) (R, error)) (result R, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v", reason)
		}
	}()
	return work(ctx, item)
}
