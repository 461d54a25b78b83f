use crate::line_index::LineIndex;

/// A place in a text: both count from 0, columns in UTF-16 code units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Puts a text in place of what is between two positions.
#[derive(Debug, Clone)]
pub struct Edit {
    pub start: Position,
    pub end: Position,
    pub text: String,
}

/// The text with all edits made, or the index of one that cannot be made.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, usize> {
    let index = LineIndex::new(text);
    let mut ranges = Vec::new();
    for (number, edit) in edits.iter().enumerate() {
        let start = index.offset(edit.start).ok_or(number)?;
        let end = index.offset(edit.end).ok_or(number)?;
        if start > end {
            return Err(number);
        }
        ranges.push((start, end, number));
    }
    ranges.sort();
    let mut result = String::new();
    let mut done = 0;
    for (start, end, number) in ranges {
        if start < done {
            return Err(number);
        }
        result += &text[done..start];
        result += &edits[number].text;
        done = end;
    }
    Ok(result + &text[done..])
}
