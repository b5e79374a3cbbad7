//! Where ids and secrets come from.

use std::{
    cell::RefCell,
    sync::atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;
use uuid::{Builder, Uuid};

/// Bytes asked of the operating system at once: a call for the few of an id costs as much as one for two hundred
/// ids, and a create needs four.
const POOL_BYTES: usize = 2_048;

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], left: 0 }) };
}

/// Random bytes that nobody had yet.
struct Pool {
    bytes: [u8; POOL_BYTES],
    left: usize,
}

impl Pool {
    /// Gives each byte once, and keeps none that was given.
    fn fill(&mut self, wanted: &mut [u8]) {
        if wanted.len() > POOL_BYTES {
            return draw(wanted);
        }
        if wanted.len() > self.left {
            draw(&mut self.bytes);
            self.left = POOL_BYTES;
        }
        let given = &mut self.bytes[self.left - wanted.len()..self.left];
        wanted.copy_from_slice(given);
        given.fill(0);
        self.left -= wanted.len();
    }
}

fn draw(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// A source of random bytes and of the ids made with them.
#[derive(Debug)]
pub struct Identities(Source);

#[derive(Debug)]
enum Source {
    System,
    Seeded(AtomicU64),
}

impl Identities {
    /// Random bytes of the operating system.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// The same bytes for the same seed: for tests and simulations only.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(AtomicU64::new(seed)))
    }

    /// A time-ordered id (UUIDv7).
    pub fn at(&self, now: Timestamp) -> Uuid {
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(milliseconds, &self.bytes::<10>()).into_uuid()
    }

    /// A random id (UUIDv4): what the API promises for events.
    pub fn random(&self) -> Uuid {
        Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// A number from 0 to 1.
    pub fn fraction(&self) -> f64 {
        (u64::from_le_bytes(self.bytes()) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Random bytes.
    ///
    /// # Panics
    /// When the operating system has no random bytes to give: nothing safe can be done then.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => {
                POOL.with_borrow_mut(|pool| pool.fill(&mut bytes));
            }
            Source::Seeded(state) => {
                for chunk in bytes.chunks_mut(8) {
                    let step = 0x9E37_79B9_7F4A_7C15;
                    let word =
                        split_mix(state.fetch_add(step, Ordering::Relaxed).wrapping_add(step));
                    chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
                }
            }
        }
        bytes
    }
}

/// SplitMix64's finisher: spreads a counter over all bits.
fn split_mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
