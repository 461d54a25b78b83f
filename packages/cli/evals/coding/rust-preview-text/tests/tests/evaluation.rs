use preview_text::names::{initials, mask};
use preview_text::preview::{preview, shorten};

#[test]
fn a_text_that_fits_stays() {
    for text in ["", "short", "exactly ten", "naïve café", "😀😀"] {
        assert_eq!(shorten(text, text.chars().count()), text);
        assert_eq!(shorten(text, 100), text);
    }
}

#[test]
fn cuts_at_blanks() {
    assert_eq!(shorten("the quick brown fox", 10), "the quick…");
    assert_eq!(shorten("the quick brown fox", 9), "the…");
    assert_eq!(shorten("the quick brown fox", 18), "the quick brown…");
    assert_eq!(shorten("ab cd", 4), "ab…");
    assert_eq!(shorten("ab cd", 3), "ab…");
    assert_eq!(shorten("é é é é", 5), "é é…");
}

#[test]
fn long_first_words_are_cut_inside() {
    assert_eq!(shorten("internationalisation", 6), "inter…");
    assert_eq!(shorten("😀😀😀😀", 3), "😀😀…");
    assert_eq!(shorten("abc def", 2), "a…");
    assert_eq!(shorten("abc", 1), "…");
    assert_eq!(shorten("abc", 0), "");
    assert_eq!(shorten("", 0), "");
}

#[test]
fn white_space_is_collapsed_first() {
    assert_eq!(shorten("  a \t\n b  ", 3), "a b");
    assert_eq!(shorten("one   two   three", 8), "one two…");
    assert_eq!(shorten("a\u{a0}b", 3), "a b");
}

#[test]
fn never_longer_than_allowed() {
    let text = "ünï 😀 wörds of väried length, ŝome qüite lengthy";
    for most in 0..60 {
        assert!(shorten(text, most).chars().count() <= most, "{most}");
    }
}

#[test]
fn previews_take_the_first_line_with_something_in_it() {
    assert_eq!(preview("\n  \n hello  world\nmore", 20), "hello world");
    assert_eq!(preview("", 20), "(empty)");
    assert_eq!(preview(" \n\t\n", 20), "(empty)");
}

#[test]
fn names() {
    for (name, letters) in [("ada lovelace", "AL"), ("élodie van dupont", "ÉD"), ("  plato  ", "P"), ("ß", "SS"), ("", ""), ("李 小龙", "李小"), ("jean  paul", "JP")] {
        assert_eq!(initials(name), letters, "{name:?}");
    }
}

#[test]
fn addresses() {
    for (address, masked) in [("ada@x.org", "a***@x.org"), ("é@x", "é***@x"), ("\"a@b\"@x.org", "\"***@x.org"), ("nobody", "***"), ("", "***"), ("@x.org", "***@x.org")] {
        assert_eq!(mask(address), masked, "{address:?}");
    }
}
