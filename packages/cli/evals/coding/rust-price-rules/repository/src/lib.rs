pub mod cart;
pub mod checkout;
