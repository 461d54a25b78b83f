pub mod average;
pub mod ring;
