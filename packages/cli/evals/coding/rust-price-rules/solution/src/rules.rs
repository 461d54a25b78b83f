use crate::cart::Cart;

/// Something that makes a cart cheaper.
pub trait PriceRule {
    fn name(&self) -> &str;
    /// Cents to take off.
    fn discount(&self, cart: &Cart) -> u64;
}

pub struct Percent {
    name: String,
    percent: u64,
}

impl Percent {
    pub fn new(name: &str, percent: u64) -> Self {
        Percent { name: name.to_string(), percent }
    }
}

impl PriceRule for Percent {
    fn name(&self) -> &str {
        &self.name
    }

    fn discount(&self, cart: &Cart) -> u64 {
        cart.subtotal() * self.percent / 100
    }
}

/// Of every n articles only m are paid, the dearest.
pub struct BuyNPayM {
    name: String,
    sku: String,
    n: u64,
    m: u64,
}

impl BuyNPayM {
    pub fn new(name: &str, sku: &str, n: u64, m: u64) -> Self {
        BuyNPayM { name: name.to_string(), sku: sku.to_string(), n, m }
    }
}

impl PriceRule for BuyNPayM {
    fn name(&self) -> &str {
        &self.name
    }

    fn discount(&self, cart: &Cart) -> u64 {
        if self.n == 0 {
            return 0;
        }
        let mut lines: Vec<_> = cart.lines.iter().filter(|line| line.sku == self.sku).collect();
        lines.sort_by_key(|line| line.price);
        let count: u64 = lines.iter().map(|line| line.quantity).sum();
        let mut free = count / self.n * self.n.saturating_sub(self.m);
        let mut off = 0;
        for line in lines {
            let taken = free.min(line.quantity);
            off += taken * line.price;
            free -= taken;
        }
        off
    }
}

pub struct Voucher {
    name: String,
    cents: u64,
    minimum: u64,
}

impl Voucher {
    pub fn new(name: &str, cents: u64, minimum: u64) -> Self {
        Voucher { name: name.to_string(), cents, minimum }
    }
}

impl PriceRule for Voucher {
    fn name(&self) -> &str {
        &self.name
    }

    fn discount(&self, cart: &Cart) -> u64 {
        if cart.subtotal() < self.minimum { 0 } else { self.cents }
    }
}
