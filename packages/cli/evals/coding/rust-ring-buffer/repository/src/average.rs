use crate::ring::Ring;

/// The mean of the newest samples.
pub struct Average {
    samples: Ring<i32>,
    sum: f32,
}

impl Average {
    pub fn over(window: usize) -> Self {
        Average { samples: Ring::with_capacity(window), sum: 0.0 }
    }

    pub fn add(&mut self, sample: i32) {
        self.samples.push(sample);
        self.sum += sample as f32;
    }

    pub fn value(&self) -> Option<f64> {
        Some((self.sum / self.samples.len() as f32) as f64)
    }
}
