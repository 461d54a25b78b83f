pub mod glob;

/// The paths that the patterns select, in their order; the last pattern that matches decides.
pub fn select<'a>(patterns: &[&str], paths: &[&'a str]) -> Vec<&'a str> {
    paths.iter().copied().filter(|path| is_selected(patterns, path)).collect()
}

fn is_selected(patterns: &[&str], path: &str) -> bool {
    patterns.iter().fold(false, |selected, pattern| match pattern.strip_prefix('!') {
        Some(taken) => selected && !glob::matches(taken, path),
        None => selected || glob::matches(pattern, path),
    })
}
