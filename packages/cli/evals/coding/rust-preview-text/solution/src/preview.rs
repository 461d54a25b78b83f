/// The beginning of a text, in at most so many characters.
pub fn shorten(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    if most == 0 {
        return String::new();
    }
    let kept: String = text.chars().take(most - 1).collect();
    let ends_word = text[kept.len()..].starts_with(' ');
    let cut = if ends_word { kept.len() } else { kept.rfind(' ').unwrap_or(kept.len()) };
    format!("{}…", kept[..cut].trim_end())
}

/// The first line with something in it, shortened, or a placeholder.
pub fn preview(message: &str, most: usize) -> String {
    match message.lines().find(|line| !line.trim().is_empty()) {
        Some(line) => shorten(line, most),
        None => "(empty)".to_string(),
    }
}
