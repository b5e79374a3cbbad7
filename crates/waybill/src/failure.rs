//! Why a command ended, and with which exit code.

use std::fmt;

/// A command that did not succeed.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// What was asked cannot be done as it was asked: flags, configuration, files. Exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }

    /// It was tried and failed. Exit code 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<waybill_versions::Problem> for Failure {
    fn from(problem: waybill_versions::Problem) -> Self {
        Self::failed(problem.message)
    }
}

impl From<waybill_storage::Unavailable> for Failure {
    fn from(unavailable: waybill_storage::Unavailable) -> Self {
        Self::failed(unavailable.to_string())
    }
}
