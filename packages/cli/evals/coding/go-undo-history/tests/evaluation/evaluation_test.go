package evaluation

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"example.com/undo-history/editor"
)

func lines(e *editor.Editor) string { return strings.Join(e.Lines(), "") }

func expect(t *testing.T, e *editor.Editor, want string) {
	t.Helper()
	if got := lines(e); got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func letters(text string) []string { return strings.Split(text, "") }

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestUndoAndRedo(t *testing.T) {
	e := editor.New(letters("abc"), 10)
	do(t, e.Set(0, "x"))
	do(t, e.Insert(1, "y"))
	do(t, e.Delete(3))
	do(t, e.Insert(3, "z"))
	expect(t, e, "xybz")
	for _, want := range []string{"xyb", "xybc", "xbc", "abc"} {
		if !e.Undo() {
			t.Fatal("undo")
		}
		expect(t, e, want)
	}
	if e.Undo() {
		t.Fatal("nothing is left")
	}
	for _, want := range []string{"xbc", "xybc", "xyb", "xybz"} {
		if !e.Redo() {
			t.Fatal("redo")
		}
		expect(t, e, want)
	}
	if e.Redo() {
		t.Fatal("nothing is left")
	}
}

func TestANewEditEndsTheFuture(t *testing.T) {
	e := editor.New(letters("ab"), 10)
	do(t, e.Set(0, "x"))
	e.Undo()
	do(t, e.Set(1, "y"))
	if e.Redo() {
		t.Fatal("redo after an edit")
	}
	expect(t, e, "ay")
}

func TestTheLimitDropsTheOldest(t *testing.T) {
	e := editor.New(letters("a"), 2)
	for _, line := range letters("bcd") {
		do(t, e.Set(0, line))
	}
	e.Undo()
	expect(t, e, "c")
	e.Undo()
	expect(t, e, "b")
	if e.Undo() {
		t.Fatal("more than two")
	}
	none := editor.New(letters("a"), 0)
	do(t, none.Set(0, "b"))
	if none.Undo() {
		t.Fatal("a limit of 0")
	}
	expect(t, none, "b")
}

func TestIndexes(t *testing.T) {
	e := editor.New(letters("ab"), 10)
	do(t, e.Set(0, "x"))
	e.Undo()
	for _, err := range []error{e.Set(2, "x"), e.Set(-1, "x"), e.Insert(3, "x"), e.Insert(-1, "x"), e.Delete(2), e.Delete(-1)} {
		if !errors.Is(err, editor.ErrIndex) {
			t.Fatal(err)
		}
	}
	expect(t, e, "ab")
	if e.Undo() {
		t.Fatal("a snapshot of nothing")
	}
	if !e.Redo() {
		t.Fatal("a failed edit ended the future")
	}
}

func TestNothingIsShared(t *testing.T) {
	given := letters("abc")
	e := editor.New(given, 10)
	do(t, e.Set(0, "x"))
	if given[0] != "a" {
		t.Fatal("the given lines changed")
	}
	e.Lines()[1] = "changed"
	expect(t, e, "xbc")
	do(t, e.Delete(0))
	e.Undo()
	expect(t, e, "xbc")
}

func TestBatches(t *testing.T) {
	given := letters("abcde")
	batches := editor.Batches(given, 2)
	if !reflect.DeepEqual(batches, [][]string{{"a", "b"}, {"c", "d"}, {"e"}}) {
		t.Fatalf("%v", batches)
	}
	batches[0] = append(batches[0], "!")
	if batches[1][0] != "c" {
		t.Fatal("appending overwrote the next batch")
	}
	if got := editor.Batches(nil, 3); len(got) != 0 {
		t.Fatalf("%v", got)
	}
	if got := editor.Batches(letters("abcd"), 2); len(got) != 2 {
		t.Fatalf("%v", got)
	}
	defer func() {
		if recover() == nil {
			t.Fatal("a size of 0")
		}
	}()
	editor.Batches(given, 0)
}
