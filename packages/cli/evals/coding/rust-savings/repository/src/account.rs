use crate::error::MoneyError;

/// An account in cents.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub balance: i64,
}

impl Account {
    pub fn deposit(&mut self, cents: i64) -> Result<(), MoneyError> {
        self.balance = self.balance.wrapping_add(cents);
        Ok(())
    }

    pub fn withdraw(&mut self, cents: i64) -> Result<(), MoneyError> {
        if self.balance < cents {
            return Err(MoneyError::Funds(self.balance - cents));
        }
        self.balance -= cents;
        Ok(())
    }

    /// What the balance earns in so many days, in cents.
    pub fn interest(&self, basis_points: u32, days: u32) -> Result<i64, MoneyError> {
        let earned = self.balance as f64 * f64::from(basis_points) / 10_000.0 * f64::from(days) / 365.0;
        Ok(earned.round() as i64)
    }
}
