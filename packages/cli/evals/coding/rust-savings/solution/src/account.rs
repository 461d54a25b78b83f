use crate::error::MoneyError;

/// An account in cents.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub balance: i64,
}

const YEAR: i128 = 365;
const WHOLE: i128 = 10_000;

impl Account {
    pub fn deposit(&mut self, cents: i64) -> Result<(), MoneyError> {
        self.balance = self.after_deposit(cents)?;
        Ok(())
    }

    pub fn withdraw(&mut self, cents: i64) -> Result<(), MoneyError> {
        self.balance = self.after_withdrawal(cents)?;
        Ok(())
    }

    pub fn after_deposit(&self, cents: i64) -> Result<i64, MoneyError> {
        if cents < 1 {
            return Err(MoneyError::Amount);
        }
        self.balance.checked_add(cents).ok_or(MoneyError::Overflow)
    }

    pub fn after_withdrawal(&self, cents: i64) -> Result<i64, MoneyError> {
        if cents < 1 {
            return Err(MoneyError::Amount);
        }
        if self.balance < cents {
            return Err(MoneyError::Funds(cents.saturating_sub(self.balance)));
        }
        Ok(self.balance - cents)
    }

    /// What the balance earns in so many days, in cents, rounded half to even.
    pub fn interest(&self, basis_points: u32, days: u32) -> Result<i64, MoneyError> {
        let exact = i128::from(self.balance.max(0))
            .checked_mul(i128::from(basis_points))
            .and_then(|value| value.checked_mul(i128::from(days)))
            .ok_or(MoneyError::Overflow)?;
        let divisor = WHOLE * YEAR;
        let (whole, rest) = (exact / divisor, exact % divisor);
        let up = rest * 2 > divisor || (rest * 2 == divisor && whole % 2 == 1);
        i64::try_from(whole + i128::from(up)).map_err(|_| MoneyError::Overflow)
    }
}
