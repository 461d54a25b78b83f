use line_index::edits::{apply, Edit, Position};
use line_index::line_index::LineIndex;

fn at(line: usize, column: usize) -> Position {
    Position { line, column }
}

#[test]
fn lines_end_in_three_ways() {
    let index = LineIndex::new("a\r\nb\rc\n\n");
    assert_eq!(index.line_count(), 5);
    let lines: Vec<_> = (0..6).map(|number| index.line(number)).collect();
    assert_eq!(lines, [Some("a"), Some("b"), Some("c"), Some(""), Some(""), None]);
    assert_eq!(LineIndex::new("x\r\r\n").line_count(), 3);
    assert_eq!(LineIndex::new("").line_count(), 1);
}

#[test]
fn offsets_become_positions() {
    let text = "aé😀b\r\nz";
    let index = LineIndex::new(text);
    let expected = [(0, Some(at(0, 0))), (1, Some(at(0, 1))), (2, None), (3, Some(at(0, 2))), (4, None), (7, Some(at(0, 4))), (8, Some(at(0, 5))), (9, None), (10, Some(at(1, 0))), (11, Some(at(1, 1))), (12, None)];
    for (offset, position) in expected {
        assert_eq!(index.position(offset), position, "offset {offset}");
    }
}

#[test]
fn positions_become_offsets() {
    let index = LineIndex::new("aé😀b\r\nz");
    for (position, offset) in [(at(0, 0), Some(0)), (at(0, 2), Some(3)), (at(0, 3), None), (at(0, 4), Some(7)), (at(0, 5), Some(8)), (at(0, 6), None), (at(1, 1), Some(11)), (at(1, 2), None), (at(2, 0), None)] {
        assert_eq!(index.offset(position), offset, "{position:?}");
    }
    assert_eq!(LineIndex::new("a\n").offset(at(1, 0)), Some(2));
}

#[test]
fn both_ways_agree() {
    let text = "one\rtwo😀\n\r\n\u{e9}e\u{301}\n";
    let index = LineIndex::new(text);
    for offset in 0..=text.len() {
        if let Some(position) = index.position(offset) {
            assert_eq!(index.offset(position), Some(offset));
        }
    }
    assert_eq!((0..=text.len()).filter(|offset| index.position(*offset).is_some()).count(), text.chars().count());
}

fn edit(start: Position, end: Position, text: &str) -> Edit {
    Edit { start, end, text: text.to_string() }
}

#[test]
fn edits_refer_to_the_original() {
    let text = "let a = 1;\nlet b = 2;\n";
    let edits = [edit(at(1, 4), at(1, 5), "😀"), edit(at(0, 4), at(0, 5), "long_name"), edit(at(2, 0), at(2, 0), "end\n"), edit(at(0, 10), at(1, 0), " ")];
    assert_eq!(apply(text, &edits), Ok("let long_name = 1; let 😀 = 2;\nend\n".to_string()));
    assert_eq!(apply(text, &[]), Ok(text.to_string()));
    let touching = [edit(at(0, 4), at(0, 6), "x"), edit(at(0, 3), at(0, 4), "_")];
    assert_eq!(apply(text, &touching), Ok("let_x= 1;\nlet b = 2;\n".to_string()));
    let same_place = [edit(at(0, 0), at(0, 0), "1"), edit(at(0, 0), at(0, 0), "2")];
    assert_eq!(apply("x", &same_place), Ok("12x".to_string()));
}

#[test]
fn impossible_edits() {
    let fine = edit(at(0, 0), at(0, 1), "x");
    assert_eq!(apply("abc", &[fine.clone(), edit(at(0, 2), at(0, 1), "")]), Err(1));
    assert_eq!(apply("abc", &[edit(at(3, 0), at(3, 0), ""), fine.clone()]), Err(0));
    assert_eq!(apply("a😀", &[fine.clone(), edit(at(0, 2), at(0, 3), "")]), Err(1));
    let overlap = apply("abcdef", &[edit(at(0, 2), at(0, 5), ""), edit(at(0, 1), at(0, 3), "")]);
    assert!(matches!(overlap, Err(0 | 1)));
    assert!(apply("abc", &[fine.clone(), fine]).is_err());
}
