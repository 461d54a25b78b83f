/// The first letters of the first and the last name.
pub fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    format!("{}{}", &words[0][..1], &words[words.len() - 1][..1])
}

/// An address that does not show whose it is.
pub fn mask(address: &str) -> String {
    let at = address.find('@').unwrap();
    format!("{}***{}", &address[..1], &address[at..])
}
