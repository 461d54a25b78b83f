use std::collections::HashMap;

use crate::account::Account;
use crate::error::MoneyError;

#[derive(Default)]
pub struct Bank {
    accounts: HashMap<String, Account>,
}

impl Bank {
    pub fn open(&mut self, name: &str) {
        self.accounts.insert(name.to_string(), Account::default());
    }

    pub fn account(&mut self, name: &str) -> Result<&mut Account, MoneyError> {
        self.accounts.get_mut(name).ok_or_else(|| MoneyError::Account(name.to_string()))
    }

    pub fn transfer(&mut self, from: &str, to: &str, cents: i64) -> Result<(), MoneyError> {
        self.account(from)?.withdraw(cents)?;
        self.account(to)?.deposit(cents)
    }

    /// Adds the interest to every account.
    pub fn close_year(&mut self, basis_points: u32) -> Result<(), MoneyError> {
        for account in self.accounts.values_mut() {
            let earned = account.interest(basis_points, 365)?;
            account.deposit(earned)?;
        }
        Ok(())
    }
}
