use std::fmt;

#[derive(Debug, PartialEq, Eq)]
pub enum MatrixError {
    Shape,
    Overflow,
    /// The row, from 1, that cannot be read.
    Row(usize),
}

impl fmt::Display for MatrixError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MatrixError::Shape => write!(formatter, "the shapes do not fit"),
            MatrixError::Overflow => write!(formatter, "a number is too large"),
            MatrixError::Row(row) => write!(formatter, "row {row} cannot be read"),
        }
    }
}
