use price_rules::cart::Cart;
use price_rules::checkout::{Checkout, Receipt};
use price_rules::rules::{BuyNPayM, Percent, PriceRule, Voucher};

fn receipt(rules: Vec<Box<dyn PriceRule>>, cart: &Cart) -> Receipt {
    Checkout::new(rules).receipt(cart)
}

fn off(rule: impl PriceRule + 'static, cart: &Cart) -> u64 {
    let result = receipt(vec![Box::new(rule)], cart);
    assert_eq!(result.subtotal - result.total, result.discounts.iter().map(|(_, cents)| cents).sum::<u64>());
    result.subtotal - result.total
}

#[test]
fn percentages_round_down() {
    assert_eq!(off(Percent::new("spring", 10), &Cart::default().with("a", 1, 1999)), 199);
    assert_eq!(off(Percent::new("all", 100), &Cart::default().with("a", 1, 1999)), 1999);
    assert_eq!(off(Percent::new("more", 250), &Cart::default().with("a", 1, 1999)), 1999);
}

#[test]
fn three_for_two() {
    let rule = || BuyNPayM::new("3 for 2", "pen", 3, 2);
    for (quantity, expected) in [(1, 0), (2, 0), (3, 100), (5, 100), (6, 200), (7, 200)] {
        assert_eq!(off(rule(), &Cart::default().with("pen", quantity, 100).with("ink", 9, 50)), expected);
    }
    let mixed = Cart::default().with("pen", 2, 100).with("ink", 1, 5).with("pen", 1, 80);
    assert_eq!(off(rule(), &mixed), 80, "lines of one article count together, and the cheapest are free");
    assert_eq!(off(BuyNPayM::new("5 for 2", "pen", 5, 2), &Cart::default().with("pen", 11, 10)), 60);
    assert_eq!(off(BuyNPayM::new("odd", "pen", 2, 3), &Cart::default().with("pen", 4, 10)), 0);
    assert_eq!(off(BuyNPayM::new("none", "pen", 0, 0), &Cart::default().with("pen", 4, 10)), 0);
}

#[test]
fn vouchers_have_a_minimum() {
    let voucher = || Voucher::new("welcome", 500, 2000);
    assert_eq!(off(voucher(), &Cart::default().with("a", 1, 1999)), 0);
    assert_eq!(off(voucher(), &Cart::default().with("a", 1, 2000)), 500);
}

#[test]
fn rules_apply_in_order_to_the_whole_cart() {
    let cart = Cart::default().with("a", 1, 1000);
    let result = receipt(vec![Box::new(Percent::new("first", 50)), Box::new(Voucher::new("no", 100, 5000)), Box::new(Percent::new("second", 20))], &cart);
    assert_eq!(result.discounts, [("first".to_string(), 500), ("second".to_string(), 200)]);
    assert_eq!((result.subtotal, result.total), (1000, 300));
}

#[test]
fn discounts_never_exceed_the_subtotal() {
    let cart = Cart::default().with("a", 1, 1000);
    let result = receipt(vec![Box::new(Percent::new("most", 80)), Box::new(Voucher::new("gift", 500, 0)), Box::new(Percent::new("late", 10))], &cart);
    assert_eq!(result.discounts, [("most".to_string(), 800), ("gift".to_string(), 200)]);
    assert_eq!(result.total, 0);
    assert_eq!(receipt(vec![Box::new(Voucher::new("gift", 500, 0))], &Cart::default()).discounts, []);
}

struct Lucky;

impl PriceRule for Lucky {
    fn name(&self) -> &str {
        "lucky"
    }
    fn discount(&self, cart: &Cart) -> u64 {
        cart.lines.len() as u64 * 7
    }
}

#[test]
fn others_can_add_rules() {
    let result = receipt(vec![Box::new(Lucky)], &Cart::default().with("a", 1, 100).with("b", 1, 100));
    assert_eq!(result.discounts, [("lucky".to_string(), 14)]);
    assert_eq!(result.total, 186);
}
