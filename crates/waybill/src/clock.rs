//! The clock of the machine: the one place that reads it.

use jiff::Timestamp;
use waybill_model::Clock;

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else is passed"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
