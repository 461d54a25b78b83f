package evaluation

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/ini-reader/ini"
	"example.com/ini-reader/server"
)

func parse(t *testing.T, text string) *ini.File {
	t.Helper()
	file, err := ini.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func text(t *testing.T, file *ini.File, section, key string) string {
	t.Helper()
	value, err := file.String(section, key, "(none)")
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestValues(t *testing.T) {
	file := parse(t, "\ufeffTop = 1\r\n; note\n# note = x\n\n[Paths]\nhome = /a b = c\nempty =\n[other]\nx=y\n[PATHS]\n late=2\n")
	cases := [][3]string{{"", "top", "1"}, {"paths", "HOME", "/a b = c"}, {"Paths", "empty", ""}, {"paths", "late", "2"}, {"other", "x", "y"}, {"other", "home", "(none)"}, {"nope", "x", "(none)"}}
	for _, one := range cases {
		if got := text(t, file, one[0], one[1]); got != one[2] {
			t.Errorf("%v: %q", one, got)
		}
	}
}

func TestTypedValues(t *testing.T) {
	file := parse(t, "[a]\nn = 42\nneg=-7\nyes = TRUE\nno=false\nodd=maybe\nempty=\n")
	for key, want := range map[string]int{"n": 42, "neg": -7, "missing": 5} {
		if got, err := file.Int("a", key, 5); err != nil || got != want {
			t.Errorf("%s: %d %v", key, got, err)
		}
	}
	for key, want := range map[string]bool{"yes": true, "no": false, "missing": true} {
		if got, err := file.Bool("a", key, true); err != nil || got != want {
			t.Errorf("%s: %v %v", key, got, err)
		}
	}
	if _, err := file.Int("a", "odd", 1); err == nil {
		t.Error("odd is no number")
	}
	if _, err := file.Int("a", "empty", 1); err == nil {
		t.Error("nothing is no number")
	}
	if _, err := file.Bool("a", "odd", true); err == nil {
		t.Error("odd is no truth")
	}
}

func TestProblems(t *testing.T) {
	cases := []struct {
		text string
		kind error
		line int
	}{
		{"a=1\n[open\n", ini.ErrSection, 2},
		{"[]\n", ini.ErrSection, 1},
		{"[a] b\n", ini.ErrSection, 1},
		{"\n\nno equals\n", ini.ErrKey, 3},
		{"= value\n", ini.ErrKey, 1},
		{"[s]\na=1\nb=2\nA=3\n", ini.ErrDuplicate, 4},
		{"[s]\na=1\n[t]\na=1\n[S]\na=2", ini.ErrDuplicate, 6},
	}
	for _, one := range cases {
		_, err := ini.Parse(strings.NewReader(one.text))
		var problem *ini.ParseError
		if !errors.Is(err, one.kind) || !errors.As(err, &problem) || problem.Line != one.line || problem.Message == "" {
			t.Errorf("%q: %v", one.text, err)
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken disk")

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestReaders(t *testing.T) {
	if _, err := ini.Parse(broken{}); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	long := strings.Repeat("x", 300_000)
	if got := text(t, parse(t, "a="+long), "", "a"); got != long {
		t.Error("a long line")
	}
	if got := text(t, parse(t, ""), "", "a"); got != "(none)" {
		t.Error(got)
	}
}

func TestServer(t *testing.T) {
	load := func(content string) (server.Settings, error) {
		path := filepath.Join(t.TempDir(), "s.ini")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return server.Load(path)
	}
	if got, err := load("[server]\nport = 9\nDebug=true\n"); err != nil || got != (server.Settings{Host: "localhost", Port: 9, Debug: true}) {
		t.Error(got, err)
	}
	if got, err := load("[client]\nhost=x\n"); err != nil || got != (server.Settings{Host: "localhost", Port: 8080}) {
		t.Error(got, err)
	}
	if _, err := load("[server]\nport = many\n"); err == nil {
		t.Error("a port")
	}
	if _, err := load("[server\n"); !errors.Is(err, ini.ErrSection) {
		t.Error(err)
	}
	if _, err := server.Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
