use std::env;
use std::io::{self, BufRead};

/// Prints the lines of standard input that the patterns select.
fn main() {
    let patterns: Vec<String> = env::args().skip(1).collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let lines: Vec<String> = io::stdin().lock().lines().map_while(Result::ok).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for line in path_glob::select(&patterns, &lines) {
        println!("{line}");
    }
}
