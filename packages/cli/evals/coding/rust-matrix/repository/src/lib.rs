pub mod error;
pub mod matrix;
