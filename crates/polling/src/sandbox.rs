//! The testing courier behind the door: the path from request to reading is the same for it and
//! for any other courier.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
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
        Self {
            clock,
            seconds_per_minute,
        }
    }
}

impl Answerer for SandboxAnswerer {
    fn answer(&self, request: &Request) -> Result<Answer, Error> {
        let (number, created_at) = sandbox::asked(&request.url).ok_or_else(|| {
            Error::BadUrl("the testing courier is asked with `number` and `created_at`".to_owned())
        })?;
        match sandbox::answer(
            &number,
            created_at,
            self.clock.now(),
            self.seconds_per_minute,
        ) {
            SandboxAnswer::Answer { status, body } => Ok(Answer {
                status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: Bytes::from(body),
                incomplete: None,
                elapsed: Duration::ZERO,
            }),
            // What is rehearsed is what follows a time-out, not the waiting for it.
            SandboxAnswer::TimedOut => Err(Error::TimedOut(request.timeout)),
        }
    }
}
