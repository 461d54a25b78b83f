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
        let left = self.account(from)?.after_withdrawal(cents)?;
        if from == to {
            return Ok(());
        }
        let target = self.account(to)?;
        target.balance = target.after_deposit(cents)?;
        self.account(from)?.balance = left;
        Ok(())
    }

    /// Adds the interest to every account.
    pub fn close_year(&mut self, basis_points: u32) -> Result<(), MoneyError> {
        let mut after = HashMap::new();
        for (name, account) in &self.accounts {
            let earned = account.interest(basis_points, 365)?;
            let balance = account.balance.checked_add(earned).ok_or(MoneyError::Overflow)?;
            after.insert(name.clone(), Account { balance });
        }
        self.accounts = after;
        Ok(())
    }
}
