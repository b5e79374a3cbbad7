//! Any text as an event's text: no panic.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = waybill_couriers::classify_text(text);
});
