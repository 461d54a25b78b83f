use crate::error::MatrixError;

/// Whole numbers in rows of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    pub rows: usize,
    pub columns: usize,
    values: Vec<i64>,
}

impl Matrix {
    /// Reads rows separated by `;` and numbers separated by blanks: `1 2; 3 4`.
    pub fn parse(text: &str) -> Result<Matrix, MatrixError> {
        let mut values = Vec::new();
        let mut columns = 0;
        let mut rows = 0;
        for row in text.split(';').filter(|row| !row.trim().is_empty()) {
            let numbers: Result<Vec<i64>, _> = row.split_whitespace().map(str::parse).collect();
            let numbers = numbers.map_err(|_| MatrixError::Row(rows + 1))?;
            columns = numbers.len();
            values.extend(numbers);
            rows += 1;
        }
        Ok(Matrix { rows, columns, values })
    }

    pub fn at(&self, row: usize, column: usize) -> i64 {
        self.values[row * self.columns + column]
    }

    pub fn add(&self, other: &Matrix) -> Result<Matrix, MatrixError> {
        if (self.rows, self.columns) != (other.rows, other.columns) {
            return Err(MatrixError::Shape);
        }
        let sums: Option<Vec<i64>> = self.values.iter().zip(&other.values).map(|(a, b)| a.checked_add(*b)).collect();
        Ok(Matrix { values: sums.ok_or(MatrixError::Overflow)?, ..*self })
    }
}
