//! The state of asking couriers.

use jiff::Timestamp;
use waybill_model::{CourierSlug, OrganizationId, TrackingKey};

/// What came of asking a courier. A failure is never shown as "no news".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PollOutcome {
    /// The courier told what it knows.
    Ok,
    /// The courier knows the number and has nothing to tell yet.
    NoDataYet,
    /// The courier does not know the number.
    UnknownToCourier,
    /// No answer could be had: credentials, limits, time-out, an error of the courier.
    CouldNotAsk,
    /// There was an answer that could not be understood.
    CouldNotRead,
}

impl PollOutcome {
    /// All outcomes.
    pub const ALL: [Self; 5] = [
        Self::Ok,
        Self::NoDataYet,
        Self::UnknownToCourier,
        Self::CouldNotAsk,
        Self::CouldNotRead,
    ];

    /// The word used in the API, in metrics and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NoDataYet => "no_data_yet",
            Self::UnknownToCourier => "unknown_to_courier",
            Self::CouldNotAsk => "could_not_ask",
            Self::CouldNotRead => "could_not_read",
        }
    }

    /// The outcome of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// The poll state of one leg of a tracking: a narrow row that changes with every asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollRow {
    /// Whose.
    pub organization: OrganizationId,
    /// Of which tracking.
    pub tracking: TrackingKey,
    /// 0 the first carrier, 1 the last mile.
    pub leg: u8,
    /// See [`crate::WriteSet`].
    pub revision: u64,
    /// The courier asked.
    pub slug: CourierSlug,
    /// The number asked for.
    pub number: String,
    /// When it is asked next; `None`: not again by itself.
    pub next_check_at: Option<Timestamp>,
    /// When it was last asked.
    pub checked_at: Option<Timestamp>,
    /// When it last told something or said that it knows nothing.
    pub answered_at: Option<Timestamp>,
    /// What came of the last asking.
    pub outcome: Option<PollOutcome>,
    /// Why, in words for the operator; empty when all is well.
    pub reason: String,
    /// How often it was asked.
    pub tracked_count: u64,
    /// Failures in a row.
    pub failures: u32,
}

/// One asking of a courier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollAttemptRow {
    /// Of which tracking.
    pub tracking: TrackingKey,
    /// Which leg.
    pub leg: u8,
    /// The courier asked.
    pub slug: CourierSlug,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: PollOutcome,
    /// Why.
    pub reason: String,
    /// HTTP status of the answer, if there was one.
    pub http_status: Option<u16>,
    /// How long the answer took.
    pub latency_ms: u64,
    /// How many checkpoints were new.
    pub new_checkpoints: u32,
    /// A redacted piece of an answer that could not be read.
    pub excerpt: Option<String>,
}

/// How often a courier gave an outcome on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollCount {
    /// Days since 1970-01-01, UTC.
    pub day: i32,
    /// Courier.
    pub slug: CourierSlug,
    /// Outcome.
    pub outcome: PollOutcome,
    /// How often.
    pub count: u64,
}
