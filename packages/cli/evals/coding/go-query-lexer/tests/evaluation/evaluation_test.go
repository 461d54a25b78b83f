package evaluation

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"example.com/query-lexer/lexer"
	"example.com/query-lexer/query"
)

func lex(t *testing.T, text string) string {
	t.Helper()
	tokens, err := lexer.Lex(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	var shown []string
	for _, token := range tokens {
		shown = append(shown, fmt.Sprintf("%s:%s@%d.%d", token.Kind, token.Text, token.Line, token.Column))
	}
	return strings.Join(shown, " ")
}

func expect(t *testing.T, text, want string) {
	t.Helper()
	if got := lex(t, text); got != want {
		t.Errorf("%q\n got %s\nwant %s", text, got, want)
	}
}

func TestAsBefore(t *testing.T) {
	expect(t, "age > 30", "name:age@1.1 operator:>@1.5 number:30@1.7")
	expect(t, "", "")
}

func TestOperators(t *testing.T) {
	expect(t, "a<=1>=2!=3<4=5", "name:a@1.1 operator:<=@1.2 number:1@1.4 operator:>=@1.5 number:2@1.7 operator:!=@1.8 number:3@1.10 operator:<@1.11 number:4@1.12 operator:=@1.13 number:5@1.14")
	expect(t, "< =", "operator:<@1.1 operator:=@1.3")
}

func TestStrings(t *testing.T) {
	expect(t, `"a b"`, "string:a b@1.1")
	expect(t, `x = "say \"hi\" \\ \u00e9\u0041"`, `name:x@1.1 operator:=@1.3 string:say "hi" \ éA@1.5`)
	expect(t, `"\t\n" ""`, "string:\t\n@1.1 string:@1.8")
	expect(t, `"# no comment"`, "string:# no comment@1.1")
}

func TestCommentsAndLines(t *testing.T) {
	expect(t, "a # \"open\n  b#\n\n c", "name:a@1.1 name:b@2.3 name:c@4.2")
	expect(t, "# only", "")
	expect(t, "a\r\nb", "name:a@1.1 name:b@2.1")
}

func TestColumnsCountCharacters(t *testing.T) {
	expect(t, `"äöü" x`, "string:äöü@1.1 name:x@1.7")
	expect(t, "größe = 1", "name:größe@1.1 operator:=@1.7 number:1@1.9")
}

func TestProblems(t *testing.T) {
	cases := []struct {
		text         string
		line, column int
	}{
		{"a = \"open", 1, 5},
		{"a =\n \"open\nb\"", 2, 2},
		{`"é\q"`, 1, 3},
		{`"ab\u12g4"`, 1, 4},
		{`"\u12"`, 1, 2},
		{"\n a ! b", 2, 4},
		{"a $", 1, 3},
		{`"end\`, 1, 1},
	}
	for _, one := range cases {
		_, err := lexer.Lex(one.text)
		var problem *lexer.Error
		if !errors.As(err, &problem) {
			t.Errorf("%q: %v", one.text, err)
			continue
		}
		if problem.Line != one.line || problem.Column != one.column {
			t.Errorf("%q: at %d.%d, want %d.%d", one.text, problem.Line, problem.Column, one.line, one.column)
		}
	}
}

func TestNames(t *testing.T) {
	names, err := query.Names("age >= 3 and name != \"age or\" # size\n or age = 1")
	if err != nil || !reflect.DeepEqual(names, []string{"age", "name"}) {
		t.Fatalf("%v %v", names, err)
	}
}
