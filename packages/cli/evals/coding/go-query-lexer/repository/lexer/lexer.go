// Package lexer cuts queries into tokens.
package lexer

import (
	"fmt"
	"strings"
	"unicode"
)

// Lex cuts a query such as `age > 3 and (name = bob)` into tokens.
func Lex(query string) ([]Token, error) {
	var tokens []Token
	for at := 0; at < len(query); {
		character := rune(query[at])
		switch {
		case unicode.IsSpace(character):
			at++
		case unicode.IsLetter(character):
			end := at
			for end < len(query) && (unicode.IsLetter(rune(query[end])) || query[end] == '_') {
				end++
			}
			tokens = append(tokens, Token{Name, query[at:end]})
			at = end
		case unicode.IsDigit(character):
			end := at
			for end < len(query) && unicode.IsDigit(rune(query[end])) {
				end++
			}
			tokens = append(tokens, Token{Number, query[at:end]})
			at = end
		case strings.ContainsRune("=<>(),", character):
			tokens = append(tokens, Token{Operator, query[at : at+1]})
			at++
		default:
			return nil, fmt.Errorf("unexpected %q", character)
		}
	}
	return tokens, nil
}
