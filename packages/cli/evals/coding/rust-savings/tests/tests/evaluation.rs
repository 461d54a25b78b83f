use savings::account::Account;
use savings::bank::Bank;
use savings::error::MoneyError;

fn account(balance: i64) -> Account {
    Account { balance }
}

#[test]
fn interest_is_exact_and_half_to_even() {
    for (balance, rate, days, earned) in [
        (100_00, 250, 365, 250),
        (50, 100, 365, 0),
        (150, 100, 365, 2),
        (250, 100, 365, 2),
        (350, 100, 365, 4),
        (251, 100, 365, 3),
        (36_500, 100, 5, 5),
        (9_007_199_254_740_993, 10_000, 365, 9_007_199_254_740_993),
        (i64::MAX, 1, 365, 922_337_203_685_478),
        (i64::MAX, 10_000, 365, i64::MAX),
        (-500, 100, 365, 0),
        (0, 100, 365, 0),
    ] {
        assert_eq!(account(balance).interest(rate, days), Ok(earned), "{balance} at {rate} for {days}");
    }
    assert_eq!(account(i64::MAX).interest(10_001, 365), Err(MoneyError::Overflow));
    assert_eq!(account(i64::MAX).interest(u32::MAX, u32::MAX), Err(MoneyError::Overflow));
}

#[test]
fn deposits_and_withdrawals() {
    let mut one = account(i64::MAX - 5);
    assert_eq!(one.deposit(6), Err(MoneyError::Overflow));
    assert_eq!(one.balance, i64::MAX - 5);
    assert_eq!(one.deposit(5), Ok(()));
    for cents in [0, -1, i64::MIN] {
        assert_eq!(one.deposit(cents), Err(MoneyError::Amount));
        assert_eq!(one.withdraw(cents), Err(MoneyError::Amount));
    }
    let mut two = account(30);
    assert_eq!(two.withdraw(100), Err(MoneyError::Funds(70)));
    assert_eq!(two.withdraw(30), Ok(()));
    assert_eq!(two.balance, 0);
}

fn bank(balances: &[(&str, i64)]) -> Bank {
    let mut bank = Bank::default();
    for (name, balance) in balances {
        bank.open(name);
        bank.account(name).unwrap().balance = *balance;
    }
    bank
}

fn balances(bank: &mut Bank, names: &[&str]) -> Vec<i64> {
    names.iter().map(|name| bank.account(name).unwrap().balance).collect()
}

#[test]
fn transfers_are_whole() {
    let mut one = bank(&[("a", 100), ("b", i64::MAX - 10)]);
    assert_eq!(one.transfer("a", "b", 11), Err(MoneyError::Overflow));
    assert_eq!(one.transfer("a", "nobody", 1), Err(MoneyError::Account("nobody".into())));
    assert_eq!(one.transfer("nobody", "a", 1), Err(MoneyError::Account("nobody".into())));
    assert_eq!(one.transfer("a", "b", 101), Err(MoneyError::Funds(1)));
    assert_eq!(one.transfer("a", "b", 0), Err(MoneyError::Amount));
    assert_eq!(balances(&mut one, &["a", "b"]), [100, i64::MAX - 10]);
    assert_eq!(one.transfer("a", "b", 10), Ok(()));
    assert_eq!(balances(&mut one, &["a", "b"]), [90, i64::MAX]);
}

#[test]
fn a_year_ends_for_all_or_for_none() {
    let mut one = bank(&[("a", 1_000), ("b", 0), ("c", -70)]);
    assert_eq!(one.close_year(500), Ok(()));
    assert_eq!(balances(&mut one, &["a", "b", "c"]), [1_050, 0, -70]);
    for _ in 0..20 {
        let mut two = bank(&[("a", 1_000), ("b", 2_000), ("rich", i64::MAX), ("c", 3_000), ("d", 4_000)]);
        assert_eq!(two.close_year(500), Err(MoneyError::Overflow));
        assert_eq!(balances(&mut two, &["a", "b", "c", "d"]), [1_000, 2_000, 3_000, 4_000]);
    }
}
