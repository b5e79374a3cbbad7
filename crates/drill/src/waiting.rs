//! Waiting that ends.

use std::{
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What may go to loopback, on any port: receivers and sandboxes of tests live there.
pub const LOOPBACK: &str =
    "[outside]\nallow_networks = [\"127.0.0.0/8\"]\n[webhooks]\nallow_ports = \"any\"\n";

/// A folder that is deleted with the test.
pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The configuration of a test: loopback is let through, and a minute lasts this long.
pub fn config(seconds_per_minute: f64) -> String {
    format!("{LOOPBACK}[sandbox]\nseconds_per_minute = {seconds_per_minute:?}\n")
}

/// Looks until there is an answer; fails with `what` after the limit. The only waiting in tests.
pub fn wait_for<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        thread::sleep(LOOK_EVERY);
    }
}

/// Waits until the condition holds.
pub fn wait_until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    wait_for(what, limit, || holds().then_some(()));
}

/// Looks on for a while, for what must not happen: the condition has to hold all the time.
pub fn holds_for(what: &str, time: Duration, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while started.elapsed() < time {
        assert!(holds(), "{what}");
        thread::sleep(LOOK_EVERY);
    }
}

/// Seconds.
pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
