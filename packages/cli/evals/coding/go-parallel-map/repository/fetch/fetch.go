// Package fetch reads several documents.
package fetch

import (
	"context"
	"fmt"

	"example.com/parallel-map/parallel"
)

// Source gives a document by its name.
type Source interface {
	Get(ctx context.Context, name string) (string, error)
}

// All reads the documents, four at a time; errors name the document.
func All(ctx context.Context, source Source, names []string) (map[string]string, error) {
	texts, err := parallel.Map(ctx, names, 4, source.Get)
	if err != nil {
		return nil, fmt.Errorf("reading documents: %w", err)
	}
	found := map[string]string{}
	for index, name := range names {
		found[name] = texts[index]
	}
	return found, nil
}
