//! Seeded randomness: the same seed gives the same world on every machine.

/// A stream of numbers (SplitMix64, by Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A stream of its own for every seed and name.
    pub fn new(seed: u64, name: &str) -> Self {
        let mut stream = Self(seed ^ 0x5851_F42D_4C95_7F2D);
        for byte in name.bytes() {
            stream.0 = stream.0.wrapping_mul(31).wrapping_add(u64::from(byte));
            stream.next();
        }
        stream
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1, without 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether a thing of this probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// Between two numbers.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.fraction()
    }

    /// Normal, mean 0 and deviation 1 (Box and Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.fraction()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.fraction()).cos()
    }

    /// Log-normal, by its median and the value below which nine of ten lie.
    pub fn skewed(&mut self, median: f64, p90: f64) -> f64 {
        const P90: f64 = 1.281_55;
        let deviation = (p90 / median).ln() / P90;
        median * (deviation * self.normal()).exp()
    }
}
