//! Documents in memory of a fixed size.
//!
//! They lie one behind the other, and the newest takes the place of the oldest. An allocation for each would be found
//! wherever there was room when it was made: what is freed between them is lost, and such a memory takes half as much
//! again as it holds.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use waybill_model::TrackingKey;

/// Parts with a lock each, so that threads seldom wait for another.
const PARTS: usize = 16;

/// Documents of trackings, with what is known of each.
pub struct Ring<Head> {
    parts: [Mutex<Part<Head>>; PARTS],
}

struct Part<Head> {
    /// Takes memory as it fills for the first time.
    bytes: Vec<u8>,
    most_bytes: usize,
    /// Where the next one goes.
    end: usize,
    /// The oldest first.
    entries: VecDeque<Entry<Head>>,
    most_entries: usize,
    /// How many there were before the oldest.
    passed: usize,
    /// The newest entry of each, counted from the first there ever was.
    places: HashMap<TrackingKey, usize>,
}

struct Entry<Head> {
    key: TrackingKey,
    head: Head,
    at: usize,
    length: usize,
}

impl<Head> Ring<Head> {
    /// An empty one with room for so many bytes of so many documents.
    pub fn new(bytes: usize, documents: usize) -> Self {
        let part = || Part::new(bytes / PARTS, documents / PARTS);
        Self {
            parts: std::array::from_fn(|_| Mutex::new(part())),
        }
    }

    /// Looks at one, if it is here.
    pub fn look<T>(&self, key: TrackingKey, look: impl FnOnce(&Head, &[u8]) -> T) -> Option<T> {
        let part = self.part(key);
        let place = part.places.get(&key)? - part.passed;
        let entry = &part.entries[place];
        Some(look(
            &entry.head,
            &part.bytes[entry.at..entry.at + entry.length],
        ))
    }

    /// Puts one in the place of the oldest; one that is larger than all of them together is not kept.
    pub fn put(&self, key: TrackingKey, head: Head, document: &[u8]) {
        self.part(key).put(key, head, document);
    }

    fn part(&self, key: TrackingKey) -> MutexGuard<'_, Part<Head>> {
        // The end of a key is drawn by chance.
        let [.., last] = key.as_uuid().into_bytes();
        let part = &self.parts[usize::from(last) % PARTS];
        // A broken thread has left a part in which some entry is missing, at worst.
        part.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Head> Part<Head> {
    fn new(most_bytes: usize, most_entries: usize) -> Self {
        Self {
            bytes: Vec::new(),
            most_bytes,
            end: 0,
            entries: VecDeque::new(),
            most_entries,
            passed: 0,
            places: HashMap::new(),
        }
    }

    fn put(&mut self, key: TrackingKey, head: Head, document: &[u8]) {
        let length = document.len();
        if length > self.most_bytes || self.most_entries == 0 {
            return;
        }
        if self.bytes.capacity() == 0 {
            // Once and for all, as growing would leave what was there before; but not before it is needed, as systems
            // give memory in large pieces.
            self.bytes.reserve_exact(self.most_bytes);
            self.entries.reserve_exact(self.most_entries);
            self.places.reserve(self.most_entries);
        }
        if self.end + length > self.most_bytes {
            self.pass_while(|oldest, end| oldest.at >= end);
            self.end = 0;
        }
        let (at, end) = (self.end, self.end + length);
        self.pass_while(|oldest, begin| oldest.at >= begin && oldest.at < end);
        if self.entries.len() == self.most_entries {
            self.pass();
        }
        if let Some(place) = self.bytes.get_mut(at..end) {
            place.copy_from_slice(document);
        } else {
            self.bytes.truncate(at);
            self.bytes.extend_from_slice(document);
        }
        self.end = end;
        self.places.insert(key, self.passed + self.entries.len());
        self.entries.push_back(Entry {
            key,
            head,
            at,
            length,
        });
    }

    /// Forgets the oldest as long as they are such, seen from where the next one goes.
    fn pass_while(&mut self, is_passed: impl Fn(&Entry<Head>, usize) -> bool) {
        while self
            .entries
            .front()
            .is_some_and(|oldest| is_passed(oldest, self.end))
        {
            self.pass();
        }
    }

    fn pass(&mut self) {
        let Some(oldest) = self.entries.pop_front() else {
            return;
        };
        if self.places.get(&oldest.key) == Some(&self.passed) {
            self.places.remove(&oldest.key);
        }
        self.passed += 1;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// All in one part.
    fn key(number: u128) -> TrackingKey {
        TrackingKey::from_uuid(Uuid::from_u128(number << 8))
    }

    fn found(ring: &Ring<u64>, number: u128) -> Option<(u64, Vec<u8>)> {
        ring.look(key(number), |head, document| (*head, document.to_vec()))
    }

    #[test]
    fn the_newest_takes_the_place_of_the_oldest() {
        let ring = Ring::new(PARTS * 10, PARTS * 10);
        ring.put(key(1), 1, b"aaaa");
        ring.put(key(2), 2, b"bbbb");
        assert_eq!(found(&ring, 1), Some((1, b"aaaa".to_vec())));
        // What is left at the end is too short.
        ring.put(key(3), 3, b"cccc");
        assert_eq!(found(&ring, 1), None);
        assert_eq!(found(&ring, 2), Some((2, b"bbbb".to_vec())));
        ring.put(key(4), 4, b"dd");
        assert_eq!(found(&ring, 2), None);
        assert_eq!(found(&ring, 3), Some((3, b"cccc".to_vec())));
    }

    #[test]
    fn there_is_one_of_each() {
        let ring = Ring::new(PARTS * 10, PARTS * 10);
        ring.put(key(1), 1, b"aaa");
        ring.put(key(1), 2, b"bbb");
        assert_eq!(found(&ring, 1), Some((2, b"bbb".to_vec())));
        // The first one's place is taken; the second one stays.
        ring.put(key(2), 3, b"ccc");
        ring.put(key(3), 4, b"ddd");
        assert_eq!(found(&ring, 1), Some((2, b"bbb".to_vec())));
    }

    #[test]
    fn what_has_no_room_is_not_kept() {
        let ring = Ring::new(PARTS * 10, PARTS * 2);
        ring.put(key(1), 1, b"longer than ten bytes");
        assert_eq!(found(&ring, 1), None);
        for number in 1..=3 {
            ring.put(key(number), 1, b"");
        }
        assert_eq!(found(&ring, 1), None);
        assert_eq!(found(&ring, 2), Some((1, Vec::new())));
    }

    /// Whatever is found is what was put last, and what was put last is found.
    #[test]
    fn nothing_is_mixed_up() {
        let ring = Ring::new(PARTS * 1_000, PARTS * 50);
        let mut last = HashMap::new();
        let mut random = 7_u64;
        for head in 0..20_000 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let number = u128::from(random >> 33) % 60;
            let document = vec![head as u8; (random >> 40) as usize % 90];
            ring.put(key(number), head, &document);
            last.insert(number, (head, document));
            assert_eq!(found(&ring, number).as_ref(), last.get(&number));
            for number in 0..60 {
                if let Some(kept) = found(&ring, number) {
                    assert_eq!(Some(&kept), last.get(&number));
                }
            }
        }
    }
}
