/// The newest values, at most as many as there is room for.
pub struct Ring<T> {
    slots: Vec<Option<T>>,
    next: usize,
    full: bool,
}

impl<T> Ring<T> {
    pub fn with_capacity(capacity: usize) -> Self {
        let slots = (0..capacity).map(|_| None).collect();
        Ring { slots, next: 0, full: false }
    }

    pub fn len(&self) -> usize {
        if self.full { self.slots.len() - 1 } else { self.next }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value; the oldest one goes when there is no room.
    pub fn push(&mut self, value: T) -> Option<T> {
        self.slots[self.next] = Some(value);
        self.next += 1;
        if self.next == self.slots.len() {
            self.next = 0;
            self.full = true;
        }
        None
    }

    /// The value at a place, 0 being the oldest.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.slots.get(index)?.as_ref()
    }

    /// All values, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().flatten()
    }

    /// The newest values, oldest first.
    pub fn last_n(&self, n: usize) -> Vec<&T> {
        self.iter().skip(self.len() - n).collect()
    }
}
