//! Any bytes, read as the answer and as the message of any courier: no panic, and always an outcome.
//!
//! The first byte chooses the courier, the second the status.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use waybill_couriers::{Courier, Couriers, Credentials, HttpAnswer, Query};

static COURIERS: LazyLock<Couriers> =
    LazyLock::new(|| Couriers::embedded().expect("the folders of the binary are in order"));

/// Statuses that programs get to see, and two that they do not.
const STATUSES: [u16; 6] = [200, 204, 400, 404, 429, 500];

fuzz_target!(|data: &[u8]| {
    let [which, status, body @ ..] = data else {
        return;
    };
    let connected: Vec<&Courier> = COURIERS.all().filter(|it| it.has_connection()).collect();
    let Some(courier) = connected.get(usize::from(*which) % connected.len().max(1)) else {
        return;
    };
    let answer = HttpAnswer {
        status: STATUSES[usize::from(*status) % STATUSES.len()],
        headers: &[],
        body,
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let queries = [Query::new("AB123456785CD", now, now), Query::new("1", now, now)];
    assert_eq!(courier.read_batch(&queries, &answer).len(), queries.len());
    let _ = courier.read_all(&answer);
    let _ = courier.read_push(&answer, &Credentials::new());
    let _ = courier.read_token(&answer);
});
