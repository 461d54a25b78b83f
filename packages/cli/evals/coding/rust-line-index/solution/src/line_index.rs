use crate::edits::Position;

/// Where lines begin in a text. Lines end with `\n`, `\r\n` or a lone `\r`.
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        LineIndex { text, starts }
    }

    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// A line without its end.
    pub fn line(&self, number: usize) -> Option<&'a str> {
        let start = *self.starts.get(number)?;
        let end = self.starts.get(number + 1).copied().unwrap_or(self.text.len());
        let line = &self.text[start..end];
        let line = line.strip_suffix('\n').unwrap_or(line);
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// None inside a character, between `\r` and `\n`, and beyond the text.
    pub fn position(&self, offset: usize) -> Option<Position> {
        if !self.text.is_char_boundary(offset) {
            return None;
        }
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = self.line(line)?.get(..offset - self.starts[line])?;
        Some(Position { line, column: before.encode_utf16().count() })
    }

    /// None inside a surrogate pair and beyond the end of a line.
    pub fn offset(&self, position: Position) -> Option<usize> {
        let line = self.line(position.line)?;
        let mut column = 0;
        for (at, character) in line.char_indices() {
            if column == position.column {
                return Some(self.starts[position.line] + at);
            }
            column += character.len_utf16();
        }
        (column == position.column).then(|| self.starts[position.line] + line.len())
    }
}
