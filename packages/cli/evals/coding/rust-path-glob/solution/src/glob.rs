enum Part {
    Literal(char),
    Any,
    Star,
    /// Any number of whole segments with their slashes.
    Segments,
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// Whether a pattern matches a whole path. Takes time in proportion to both lengths.
pub fn matches(pattern: &str, path: &str) -> bool {
    let parts = parse(pattern);
    let path: Vec<char> = path.chars().collect();
    // reach[i]: the parts so far can match the first i characters.
    let mut reach = vec![false; path.len() + 1];
    reach[0] = true;
    for part in &parts {
        reach = step(part, &reach, &path);
    }
    reach[path.len()]
}

fn step(part: &Part, reach: &[bool], path: &[char]) -> Vec<bool> {
    let mut next = vec![false; reach.len()];
    match part {
        Part::Star => {
            for at in 0..reach.len() {
                next[at] = reach[at] || (at > 0 && next[at - 1] && path[at - 1] != '/');
            }
        }
        Part::Segments => {
            let mut begun = false;
            for at in 0..reach.len() {
                next[at] = reach[at] || (begun && path[at - 1] == '/');
                begun = begun || reach[at];
            }
        }
        single => {
            for at in 1..reach.len() {
                next[at] = reach[at - 1] && fits(single, path[at - 1]);
            }
        }
    }
    next
}

fn fits(part: &Part, character: char) -> bool {
    match part {
        Part::Literal(one) => *one == character,
        Part::Class { negated, ranges } => {
            character != '/' && ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
        }
        _ => character != '/',
    }
}

fn parse(pattern: &str) -> Vec<Part> {
    let text: Vec<char> = pattern.chars().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let begins_segment = at == 0 || text[at - 1] == '/';
        if begins_segment && text[at..].starts_with(&['*', '*', '/']) {
            parts.push(Part::Segments);
            at += 3;
            continue;
        }
        if begins_segment && text[at..] == ['*', '*'] {
            parts.extend([Part::Segments, Part::Star]);
            break;
        }
        match text[at] {
            '?' => parts.push(Part::Any),
            '*' => parts.push(Part::Star),
            '\\' if at + 1 < text.len() => {
                at += 1;
                parts.push(Part::Literal(text[at]));
            }
            '[' => match class(&text, at + 1) {
                Some((part, end)) => {
                    parts.push(part);
                    at = end;
                }
                None => parts.push(Part::Literal('[')),
            },
            character => parts.push(Part::Literal(character)),
        }
        at += 1;
    }
    parts
}

/// The class whose content begins at `at`, and where its bracket closes.
fn class(text: &[char], mut at: usize) -> Option<(Part, usize)> {
    let negated = text.get(at) == Some(&'!');
    if negated {
        at += 1;
    }
    let mut ranges = Vec::new();
    let first = at;
    loop {
        let mut low = *text.get(at)?;
        if low == ']' && at > first {
            return Some((Part::Class { negated, ranges }, at));
        }
        if low == '\\' {
            at += 1;
            low = *text.get(at)?;
        }
        at += 1;
        if text.get(at) == Some(&'-') && text.get(at + 1).is_some_and(|high| *high != ']') {
            ranges.push((low, text[at + 1]));
            at += 2;
        } else {
            ranges.push((low, low));
        }
    }
}
