use crate::cart::Cart;

pub enum Discount {
    Percent(u64),
    Voucher(u64),
}

pub struct Receipt {
    pub subtotal: u64,
    pub total: u64,
    /// Names of discounts with what they took off.
    pub discounts: Vec<(String, u64)>,
}

/// What a cart costs with these discounts.
pub fn checkout(cart: &Cart, discounts: &[Discount]) -> Receipt {
    let subtotal = cart.subtotal();
    let mut total = subtotal;
    let mut applied = Vec::new();
    for discount in discounts {
        match discount {
            Discount::Percent(percent) => {
                let off = total * percent / 100;
                total -= off;
                applied.push((format!("{percent} %"), off));
            }
            Discount::Voucher(cents) => {
                total -= cents;
                applied.push(("voucher".to_string(), *cents));
            }
        }
    }
    Receipt { subtotal, total, discounts: applied }
}
