pub mod names;
pub mod preview;
