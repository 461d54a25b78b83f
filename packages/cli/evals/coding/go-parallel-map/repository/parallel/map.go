// Package parallel does several things at once.
package parallel

import "context"

// Map calls work for each item.
func Map[T, R any](ctx context.Context, items []T, limit int, work func(context.Context, T) (R, error)) ([]R, error) {
	results := make(chan R)
	failed := make(chan error)
	for _, item := range items {
		go func() {
			result, err := work(ctx, item)
			if err != nil {
				failed <- err
				return
			}
			results <- result
		}()
	}
	var all []R
	for range items {
		select {
		case result := <-results:
			all = append(all, result)
		case err := <-failed:
			return nil, err
		}
	}
	return all, nil
}
