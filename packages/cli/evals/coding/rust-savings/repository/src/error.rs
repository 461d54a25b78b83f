#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyError {
    /// The amount is below 1.
    Amount,
    /// So many cents are missing.
    Funds(i64),
    /// A sum is too large.
    Overflow,
    /// There is no such account.
    Account(String),
}
