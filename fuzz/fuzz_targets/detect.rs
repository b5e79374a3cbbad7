//! Any text as a number: no panic, and confidences that are shares of one.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use waybill_couriers::{Couriers, Hints};

static COURIERS: LazyLock<Couriers> =
    LazyLock::new(|| Couriers::embedded().expect("the folders of the binary are in order"));

fuzz_target!(|text: &str| {
    let candidates = COURIERS.detect(text, &Hints::default());
    let total: f64 = candidates.iter().map(|it| it.confidence).sum();
    assert!(candidates.iter().all(|it| it.confidence > 0.0) && total <= 1.0 + 1e-9);
});
