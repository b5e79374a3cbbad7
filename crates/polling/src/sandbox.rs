//! The testing courier behind the door: the path from request to reading is the same for it and
//! for any other courier.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use waybill_couriers::sandbox::{self, SandboxAnswer};
use waybill_model::Clock;
use waybill_outside::{Answer, Answerer, Error, Request};

/// Answers `sandbox:` URLs.
pub struct SandboxAnswerer {
    clock: Arc<dyn Clock>,
    seconds_per_minute: f64,
}

impl SandboxAnswerer {
    /// The scheme it answers.
    pub const SCHEME: &'static str = "sandbox";

    /// One that lives by this clock, its minutes this long.
    pub fn new(clock: Arc<dyn Clock>, seconds_per_minute: f64) -> Self {
        Self { clock, seconds_per_minute }
    }
}

impl Answerer for SandboxAnswerer {
    fn answer(&self, request: &Request) -> Result<Answer, Error> {
        let (number, created_at) = asked(&request.url)?;
        match sandbox::answer(&number, created_at, self.clock.now(), self.seconds_per_minute) {
            SandboxAnswer::Answer { status, body } => Ok(Answer {
                status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: Bytes::from(body),
                truncated: false,
                elapsed: Duration::ZERO,
            }),
            // What is rehearsed is what follows a time-out, not the waiting for it.
            SandboxAnswer::TimedOut => Err(Error::TimedOut(request.timeout)),
        }
    }
}

fn asked(url: &str) -> Result<(String, Timestamp), Error> {
    let bad = || Error::BadUrl("the testing courier is asked with `number` and `created_at`".to_owned());
    let query = url.split_once('?').ok_or_else(bad)?.1;
    let value = |name: &str| {
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| decode(value))
    };
    let number = value("number").ok_or_else(bad)?;
    let created_at = value("created_at").and_then(|text| text.parse().ok()).ok_or_else(bad)?;
    Ok((number, created_at))
}

/// Undoes percent-encoding; what is no encoding stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| bytes[at] == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
