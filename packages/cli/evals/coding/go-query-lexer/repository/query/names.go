// Package query looks at queries.
package query

import "example.com/query-lexer/lexer"

var keywords = map[string]bool{"and": true, "or": true, "not": true}

// Names are the fields that a query mentions, each once, in order.
func Names(text string) ([]string, error) {
	tokens, err := lexer.Lex(text)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	names := []string{}
	for _, token := range tokens {
		if token.Kind == lexer.Name && !keywords[token.Text] && !seen[token.Text] {
			seen[token.Text] = true
			names = append(names, token.Text)
		}
	}
	return names, nil
}
