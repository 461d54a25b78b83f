use crate::ring::Ring;

/// The mean of the newest samples.
pub struct Average {
    samples: Ring<i32>,
    sum: i64,
}

impl Average {
    pub fn over(window: usize) -> Self {
        Average { samples: Ring::with_capacity(window), sum: 0 }
    }

    pub fn add(&mut self, sample: i32) {
        self.sum += i64::from(sample);
        if let Some(gone) = self.samples.push(sample) {
            self.sum -= i64::from(gone);
        }
    }

    pub fn value(&self) -> Option<f64> {
        match self.samples.len() {
            0 => None,
            count => Some(self.sum as f64 / count as f64),
        }
    }
}
