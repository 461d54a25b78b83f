/// A line of a cart; prices are in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub sku: String,
    pub quantity: u64,
    pub price: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Cart {
    pub lines: Vec<Line>,
}

impl Cart {
    pub fn with(mut self, sku: &str, quantity: u64, price: u64) -> Self {
        self.lines.push(Line { sku: sku.to_string(), quantity, price });
        self
    }

    pub fn subtotal(&self) -> u64 {
        self.lines.iter().map(|line| line.quantity * line.price).sum()
    }
}
