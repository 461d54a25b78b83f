use std::collections::VecDeque;

/// The newest values, at most as many as there is room for.
pub struct Ring<T> {
    values: VecDeque<T>,
    capacity: usize,
}

impl<T> Ring<T> {
    pub fn with_capacity(capacity: usize) -> Self {
        Ring { values: VecDeque::with_capacity(capacity), capacity }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Adds a value and returns the oldest one when there is no room for both.
    pub fn push(&mut self, value: T) -> Option<T> {
        if self.capacity == 0 {
            return Some(value);
        }
        let oldest = if self.values.len() == self.capacity { self.values.pop_front() } else { None };
        self.values.push_back(value);
        oldest
    }

    /// The value at a place, 0 being the oldest.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.values.get(index)
    }

    /// All values, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter()
    }

    /// The newest values, oldest first.
    pub fn last_n(&self, n: usize) -> Vec<&T> {
        self.iter().skip(self.len().saturating_sub(n)).collect()
    }
}
