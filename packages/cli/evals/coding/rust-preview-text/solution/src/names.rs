/// The first letters of the first and the last name, in upper case.
pub fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let last = if words.len() > 1 { words.last() } else { None };
    words.first().into_iter().chain(last).filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}

/// An address that does not show whose it is.
pub fn mask(address: &str) -> String {
    match address.rfind('@') {
        Some(at) => {
            let first: String = address[..at].chars().take(1).collect();
            format!("{first}***{}", &address[at..])
        }
        None => "***".to_string(),
    }
}
