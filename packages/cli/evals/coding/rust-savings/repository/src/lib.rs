pub mod account;
pub mod bank;
pub mod error;
