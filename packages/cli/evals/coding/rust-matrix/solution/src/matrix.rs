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
            if rows > 0 && numbers.len() != columns {
                return Err(MatrixError::Row(rows + 1));
            }
            columns = numbers.len();
            values.extend(numbers);
            rows += 1;
        }
        Ok(Matrix { rows, columns, values })
    }

    pub fn at(&self, row: usize, column: usize) -> i64 {
        self.values[row * self.columns + column]
    }

    pub fn multiply(&self, other: &Matrix) -> Result<Matrix, MatrixError> {
        if self.columns != other.rows {
            return Err(MatrixError::Shape);
        }
        let mut values = Vec::new();
        for row in 0..self.rows {
            for column in 0..other.columns {
                let sum: i128 = (0..self.columns).map(|at| i128::from(self.at(row, at)) * i128::from(other.at(at, column))).sum();
                values.push(i64::try_from(sum).map_err(|_| MatrixError::Overflow)?);
            }
        }
        Ok(Matrix { rows: self.rows, columns: other.columns, values })
    }

    pub fn transpose(&self) -> Matrix {
        let places = (0..self.columns).flat_map(|column| (0..self.rows).map(move |row| (row, column)));
        let values = places.map(|(row, column)| self.at(row, column)).collect();
        Matrix { rows: self.columns, columns: self.rows, values }
    }

    /// The product of so many of this matrix.
    pub fn pow(&self, exponent: u32) -> Result<Matrix, MatrixError> {
        if self.rows != self.columns {
            return Err(MatrixError::Shape);
        }
        let values = (0..self.values.len()).map(|at| i64::from(at / self.columns == at % self.columns)).collect();
        let mut result = Matrix { values, ..*self };
        let mut square = self.clone();
        let mut left = exponent;
        while left > 0 {
            if left % 2 == 1 {
                result = result.multiply(&square)?;
            }
            left /= 2;
            // What is not needed any more may overflow.
            if left > 0 {
                square = square.multiply(&square)?;
            }
        }
        Ok(result)
    }

    /// By Bareiss' elimination, whose divisions leave no rest.
    pub fn determinant(&self) -> Result<i64, MatrixError> {
        if self.rows != self.columns {
            return Err(MatrixError::Shape);
        }
        let size = self.rows;
        let mut rows: Vec<Vec<i128>> = (0..size).map(|row| (0..size).map(|column| i128::from(self.at(row, column))).collect()).collect();
        let mut sign = 1;
        let mut previous = 1;
        for step in 0..size {
            let Some(pivot) = (step..size).find(|row| rows[*row][step] != 0) else {
                return Ok(0);
            };
            if pivot != step {
                rows.swap(pivot, step);
                sign = -sign;
            }
            for row in step + 1..size {
                for column in step + 1..size {
                    let product = rows[row][column].checked_mul(rows[step][step]).ok_or(MatrixError::Overflow)?;
                    let other = rows[row][step].checked_mul(rows[step][column]).ok_or(MatrixError::Overflow)?;
                    rows[row][column] = product.checked_sub(other).ok_or(MatrixError::Overflow)? / previous;
                }
            }
            previous = rows[step][step];
        }
        i64::try_from(sign * previous).map_err(|_| MatrixError::Overflow)
    }

    pub fn add(&self, other: &Matrix) -> Result<Matrix, MatrixError> {
        if (self.rows, self.columns) != (other.rows, other.columns) {
            return Err(MatrixError::Shape);
        }
        let sums: Option<Vec<i64>> = self.values.iter().zip(&other.values).map(|(a, b)| a.checked_add(*b)).collect();
        Ok(Matrix { values: sums.ok_or(MatrixError::Overflow)?, ..*self })
    }
}
