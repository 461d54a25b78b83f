/// The beginning of a text, in at most so many characters.
pub fn shorten(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_string();
    }
    format!("{}…", &text[..most])
}

/// The first line with something in it, shortened, or a placeholder.
pub fn preview(message: &str, most: usize) -> String {
    let line = message.lines().next().unwrap();
    shorten(line, most)
}
