//! What came of one asking, as a report: also of what could not be asked.

use jiff::{SignedDuration, Timestamp};
use waybill_couriers::{Ask, Courier, Outcome, Query, Reading, Trouble, TroubleKind};
use waybill_outside::{Answer, Error};
use waybill_service::PollReport;
use waybill_storage::PollOutcome;

use crate::sandbox::SandboxAnswerer;

/// Where a courier asks for patience without saying how much.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// Why a courier could not be asked.
pub(crate) struct Failure {
    pub reason: String,
    pub http_status: Option<u16>,
    pub latency_ms: u64,
    pub wait: Option<SignedDuration>,
    /// The courier itself failed: whoever asks it now would fare no better.
    pub is_down: bool,
}

impl Failure {
    pub(crate) fn report(&self, at: Timestamp) -> PollReport {
        PollReport {
            http_status: self.http_status,
            latency_ms: self.latency_ms,
            ..could_not(at, self.reason.clone())
        }
    }

    /// A request that fails has failed for all that it asked for.
    pub(crate) fn of_all(&self, queries: &[Query]) -> Vec<PollReport> {
        queries.iter().map(|query| self.report(query.now)).collect()
    }

    pub(crate) fn because(reason: String) -> Self {
        Self {
            reason,
            http_status: None,
            latency_ms: 0,
            wait: None,
            is_down: false,
        }
    }

    pub(crate) fn of(courier: &Courier, ask: &Ask) -> Self {
        let name = &courier.definition.name;
        Self::because(match ask {
            Ask::MissingCredentials(names) => {
                format!("credentials of {name} are missing: {}", names.join(", "))
            }
            Ask::MissingFields(names) => {
                format!("{name} cannot be asked without {}", names.join(", "))
            }
            Ask::NoConnection => format!("{name} has no interface that could be asked"),
            Ask::NeedsToken(_) | Ask::Request(_) => {
                format!("{name} asks for a token again and again")
            }
        })
    }

    pub(crate) fn trouble(trouble: &Trouble, answer: Option<&Answer>) -> Self {
        let wait = match trouble.kind {
            TroubleKind::RetryAfter(seconds) => Some(if seconds == 0 {
                PATIENCE
            } else {
                SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(60))
            }),
            _ => None,
        };
        Self {
            reason: trouble.reason.clone(),
            http_status: answer.map(|answer| answer.status),
            latency_ms: answer.map_or(0, latency_ms),
            wait,
            is_down: trouble.kind == TroubleKind::RetryLater,
        }
    }
}

/// Whether an address is answered within the process, by a script.
pub(crate) fn is_within(url: &str) -> bool {
    url.split_once(':')
        .is_some_and(|(scheme, _)| scheme == SandboxAnswerer::SCHEME)
}

/// Whether it is the courier that failed, and not what was asked.
pub(crate) fn is_outage(error: &Error) -> bool {
    matches!(
        error,
        Error::Dns(_) | Error::Connect(_) | Error::Tls(_) | Error::TimedOut(_) | Error::Protocol(_)
    )
}

pub(crate) fn why(error: &Error) -> String {
    match error {
        Error::TimedOut(_) => format!("no answer in time: {error}"),
        other => other.to_string(),
    }
}

fn latency_ms(answer: &Answer) -> u64 {
    u64::try_from(answer.elapsed.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn could_not(at: Timestamp, reason: String) -> PollReport {
    PollReport {
        at,
        outcome: PollOutcome::CouldNotAsk,
        reason,
        http_status: None,
        latency_ms: 0,
        excerpt: None,
        reading: None,
        next_check_at: None,
    }
}

/// Codes shown of those that are in no table.
const UNKNOWN_CODES_SHOWN: usize = 5;

/// Which of the courier's codes are in no table; empty if none.
fn unknown_codes(reading: &Reading) -> String {
    let unknown = reading.checkpoints.iter().filter(|it| !it.classified);
    let mut codes: Vec<&str> = unknown
        .map(|it| it.code.as_deref().unwrap_or(&it.message))
        .collect();
    codes.sort_unstable();
    codes.dedup();
    if codes.is_empty() {
        return String::new();
    }
    let more = codes.len().saturating_sub(UNKNOWN_CODES_SHOWN);
    codes.truncate(UNKNOWN_CODES_SHOWN);
    let more = if more > 0 { " and others" } else { "" };
    format!("not in the courier's table: {}{more}", codes.join(", "))
}

pub(crate) fn report(
    at: Timestamp,
    answer: &Answer,
    outcome: Outcome,
) -> Result<PollReport, Failure> {
    let base = PollReport {
        http_status: Some(answer.status),
        latency_ms: latency_ms(answer),
        ..could_not(at, String::new())
    };
    Ok(match outcome {
        // A courier that knows the number and lists nothing has no data yet.
        Outcome::Reading(reading) if reading.checkpoints.is_empty() => PollReport {
            outcome: PollOutcome::NoDataYet,
            reason: "the courier lists no events yet".to_owned(),
            next_check_at: reading.next_check_at,
            reading: Some(reading),
            ..base
        },
        Outcome::Reading(reading) => PollReport {
            outcome: PollOutcome::Ok,
            reason: unknown_codes(&reading),
            next_check_at: reading.next_check_at,
            reading: Some(reading),
            ..base
        },
        Outcome::UnknownToCourier { reason } => PollReport {
            outcome: PollOutcome::UnknownToCourier,
            reason,
            ..base
        },
        Outcome::NoDataYet {
            reason,
            next_check_at,
        } => PollReport {
            outcome: PollOutcome::NoDataYet,
            reason,
            next_check_at,
            ..base
        },
        Outcome::CouldNotRead { reason, excerpt } => PollReport {
            outcome: PollOutcome::CouldNotRead,
            reason,
            excerpt: Some(excerpt),
            ..base
        },
        Outcome::CouldNotAsk(trouble) => return Err(Failure::trouble(&trouble, Some(answer))),
    })
}
