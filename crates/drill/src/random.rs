//! Chance that can be repeated.

use std::hash::{BuildHasher, RandomState};

/// A generator of numbers from a seed (SplitMix64).
pub struct Random(u64);

impl Random {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// One below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// One from here to below there.
    pub fn between(&mut self, from: u64, below: u64) -> u64 {
        from + self.below(below - from)
    }
}

/// Another one each time.
pub fn any_seed() -> u64 {
    RandomState::new().hash_one(std::process::id()) >> 32
}
