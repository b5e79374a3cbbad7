//! What can go wrong between us and the database, and what that means for a batch of writes.

use std::error::Error;

use tokio_postgres::error::{DbError, SqlState};
use waybill_storage::Unavailable;

/// What every call of the database returns in here.
pub type Result<T> = std::result::Result<T, Failure>;

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// PostgreSQL, or the connection to it.
    #[error("{}", describe(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// No answer came in time.
    #[error("the database did not answer in time")]
    Late,
    /// A stored value is none that we write.
    #[error("a stored value cannot be read: {0}")]
    Unreadable(String),
    /// The connection was lost while a commit was under way: it may have happened or not.
    #[error("whether the commit happened is unknown: {0}")]
    Unknown(Box<Failure>),
}

impl Failure {
    /// Another node was in the way: the same again may well succeed.
    pub fn is_transient(&self) -> bool {
        [
            &SqlState::T_R_DEADLOCK_DETECTED,
            &SqlState::T_R_SERIALIZATION_FAILURE,
        ]
        .into_iter()
        .any(|state| self.state() == Some(state))
    }

    /// The connection is of no use any more; nothing was committed.
    pub fn is_lost(&self) -> bool {
        match self {
            Self::Postgres(error) => error
                .as_db_error()
                .is_none_or(|error| is_of_class(error, &["08", "57P", "58", "XX"])),
            Self::Late => true,
            Self::Unreadable(_) | Self::Unknown(_) => false,
        }
    }

    /// It is the fault of what was written, so that others may fare better without it.
    pub fn is_of_the_write(&self) -> bool {
        match self {
            Self::Postgres(error) => error
                .as_db_error()
                .is_some_and(|error| is_of_class(error, &["22", "23", "42", "54", "0A"])),
            Self::Unreadable(_) => true,
            Self::Late | Self::Unknown(_) => false,
        }
    }

    /// A smaller transaction may fare better.
    pub fn is_of_the_batch(&self) -> bool {
        self.is_of_the_write() || self.is_transient()
    }

    /// A row that was to be new is there. Where that cannot be, it is not asked first: asking costs more than the row.
    pub fn is_of_a_known_row(&self) -> bool {
        self.state() == Some(&SqlState::UNIQUE_VIOLATION)
    }

    /// There is no table for the week of a row.
    pub fn lacks_a_partition(&self) -> bool {
        match self {
            Self::Postgres(error) => error.as_db_error().is_some_and(|error| {
                *error.code() == SqlState::CHECK_VIOLATION && error.constraint().is_none()
            }),
            _ => false,
        }
    }

    fn state(&self) -> Option<&SqlState> {
        match self {
            Self::Postgres(error) => error.code(),
            _ => None,
        }
    }
}

impl From<Failure> for Unavailable {
    fn from(failure: Failure) -> Self {
        Self(failure.to_string())
    }
}

fn is_of_class(error: &DbError, classes: &[&str]) -> bool {
    classes
        .iter()
        .any(|class| error.code().code().starts_with(class))
}

/// The message without its details, which quote rows.
fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
