use path_glob::glob::matches;
use path_glob::select;

fn check(pattern: &str, yes: &[&str], no: &[&str]) {
    for path in yes {
        assert!(matches(pattern, path), "{pattern} should match {path}");
    }
    for path in no {
        assert!(!matches(pattern, path), "{pattern} should not match {path}");
    }
}

#[test]
fn single_characters_and_stars() {
    check("src/lib.rs", &["src/lib.rs"], &["src/lib_rs", "src/lib.rs2", "", "xsrc/lib.rs"]);
    check("?.rs", &["a.rs", "é.rs"], &[".rs", "ab.rs", "/.rs"]);
    check("*.rs", &["a.rs", ".rs", "a.b.rs"], &["a/b.rs", "a.rsx"]);
    check("src/*", &["src/a", "src/"], &["src", "src/a/b"]);
    check("a*b*c", &["abc", "aXbYc", "abbc", "abcc"], &["ab", "acb", "a/b/c"]);
    check("", &[""], &["a"]);
    check("*", &["", "abc"], &["a/b"]);
}

#[test]
fn any_depth() {
    check("**/*.rs", &["a.rs", "x/a.rs", "x/y/z/a.rs"], &["a.txt", "x/a.rs/b"]);
    check("src/**", &["src/a", "src/a/b"], &["srca", "lib/src/a"]);
    check("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/xb", "a/b/c"]);
    check("**", &["a", "a/b/c"], &[]);
    check("**/x/**/y", &["x/y", "a/x/b/c/y", "x/x/y"], &["y/x", "x/ay"]);
    check("a**b", &["aXXb", "ab"], &["a/b"]);
}

#[test]
fn classes() {
    check("[abc].txt", &["a.txt", "c.txt"], &["d.txt", "ab.txt", ".txt"]);
    check("v[0-9][!0-9]", &["v1x", "v9_"], &["v12", "vx1", "v1/"]);
    check("[]x]", &["]", "x"], &["a", "[]x]"]);
    check("[!]]", &["a"], &["]"]);
    check("a[b", &["a[b"], &["ab"]);
    check("[a-]", &["a", "-"], &["b"]);
    check("a[/]b", &[], &["a/b"]);
    check("[α-ω]", &["λ"], &["a"]);
}

#[test]
fn literal_characters() {
    check(r"\*.rs", &["*.rs"], &["a.rs", r"\*.rs"]);
    check(r"\[a]", &["[a]"], &["a"]);
    check(r"a\\b", &[r"a\b"], &["ab"]);
    check(r"[\]]", &["]"], &[r"\"]);
}

#[test]
fn stays_fast() {
    let text = "a".repeat(3000);
    assert!(!matches("*a*a*a*a*a*a*a*a*a*a*b", &text));
    let deep = "a/".repeat(60) + "c";
    assert!(!matches("**/a/**/a/**/a/**/a/**/a/**/b", &deep));
}

#[test]
fn selections() {
    let paths = ["src/a.rs", "src/a_test.rs", "src/keep_test.rs", "readme"];
    assert_eq!(select(&["**/*.rs"], &paths), ["src/a.rs", "src/a_test.rs", "src/keep_test.rs"]);
    assert_eq!(select(&["**/*.rs", "!**/*_test.rs", "**/keep*"], &paths), ["src/a.rs", "src/keep_test.rs"]);
    assert!(select(&["!readme"], &paths).is_empty());
    assert_eq!(select(&[r"\!x"], &["!x", "x"]), ["!x"]);
}
