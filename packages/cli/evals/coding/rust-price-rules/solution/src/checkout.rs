use crate::cart::Cart;
use crate::rules::PriceRule;

pub struct Receipt {
    pub subtotal: u64,
    pub total: u64,
    /// Names of rules with what they took off.
    pub discounts: Vec<(String, u64)>,
}

pub struct Checkout {
    rules: Vec<Box<dyn PriceRule>>,
}

impl Checkout {
    pub fn new(rules: Vec<Box<dyn PriceRule>>) -> Self {
        Checkout { rules }
    }

    /// What a cart costs.
    pub fn receipt(&self, cart: &Cart) -> Receipt {
        let subtotal = cart.subtotal();
        let mut total = subtotal;
        let mut discounts = Vec::new();
        for rule in &self.rules {
            let off = rule.discount(cart).min(total);
            if off > 0 {
                total -= off;
                discounts.push((rule.name().to_string(), off));
            }
        }
        Receipt { subtotal, total, discounts }
    }
}
