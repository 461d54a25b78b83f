pub mod edits;
pub mod line_index;
