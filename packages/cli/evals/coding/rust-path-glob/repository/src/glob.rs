/// Whether a pattern matches a whole path.
pub fn matches(pattern: &str, path: &str) -> bool {
    todo!()
}
