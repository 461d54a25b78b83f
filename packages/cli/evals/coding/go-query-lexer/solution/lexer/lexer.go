// Package lexer cuts queries into tokens.
package lexer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

type lexer struct {
	text         []rune
	at           int
	line, column int
	tokens       []Token
}

// Lex cuts a query such as `age > 3 and (name = bob)` into tokens. Its errors are of type *Error.
func Lex(query string) ([]Token, error) {
	l := &lexer{text: []rune(query), line: 1, column: 1}
	for l.at < len(l.text) {
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	return l.tokens, nil
}

func (l *lexer) next() error {
	character := l.text[l.at]
	line, column := l.line, l.column
	keep := func(kind Kind, text string) {
		l.tokens = append(l.tokens, Token{kind, text, line, column})
	}
	switch {
	case unicode.IsSpace(character):
		l.step()
	case character == '#':
		l.while(func(r rune) bool { return r != '\n' })
	case unicode.IsLetter(character):
		keep(Name, l.while(func(r rune) bool { return unicode.IsLetter(r) || r == '_' }))
	case unicode.IsDigit(character):
		keep(Number, l.while(unicode.IsDigit))
	case character == '"':
		text, err := l.quoted()
		if err != nil {
			return err
		}
		keep(String, text)
	case strings.ContainsRune("<>!", character) && l.at+1 < len(l.text) && l.text[l.at+1] == '=':
		keep(Operator, string(l.step())+string(l.step()))
	case strings.ContainsRune("=<>(),", character):
		keep(Operator, string(l.step()))
	default:
		return &Error{line, column, fmt.Sprintf("unexpected %q", character)}
	}
	return nil
}

func (l *lexer) step() rune {
	character := l.text[l.at]
	l.at++
	l.column++
	if character == '\n' {
		l.line++
		l.column = 1
	}
	return character
}

func (l *lexer) while(fits func(rune) bool) string {
	from := l.at
	for l.at < len(l.text) && fits(l.text[l.at]) {
		l.step()
	}
	return string(l.text[from:l.at])
}

var escapes = map[rune]rune{'"': '"', '\\': '\\', 'n': '\n', 't': '\t'}

func (l *lexer) quoted() (string, error) {
	open := &Error{l.line, l.column, "a string does not end"}
	var text strings.Builder
	l.step()
	for l.at < len(l.text) && l.text[l.at] != '\n' {
		if l.text[l.at] == '"' {
			l.step()
			return text.String(), nil
		}
		if l.text[l.at] != '\\' {
			text.WriteRune(l.step())
			continue
		}
		unknown := &Error{l.line, l.column, "unknown escape"}
		l.step()
		if l.at == len(l.text) {
			return "", open
		}
		letter := l.step()
		meant, known := escapes[letter]
		if letter == 'u' && l.at+4 <= len(l.text) {
			code, err := strconv.ParseUint(string(l.text[l.at:l.at+4]), 16, 32)
			if err != nil {
				return "", unknown
			}
			meant, known = rune(code), true
			for digit := 0; digit < 4; digit++ {
				l.step()
			}
		}
		if !known {
			return "", unknown
		}
		text.WriteRune(meant)
	}
	return "", open
}
