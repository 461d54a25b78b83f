pub mod glob;

/// The paths that the patterns select, in their order.
pub fn select<'a>(patterns: &[&str], paths: &[&'a str]) -> Vec<&'a str> {
    paths.iter().copied().filter(|path| patterns.iter().any(|pattern| glob::matches(pattern, path))).collect()
}
