//! What goes out through the door and what comes back.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::{Error, Ports, target};

/// One request. [`Request::new`] fills in limits that fit a small exchange of JSON.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: http::Method,
    /// Absolute URL: `http`, `https` or a scheme that the door answers itself.
    pub url: String,
    /// Headers as the caller wants them; those that frame the message (`Host`, `Content-Length`
    /// and the like) are the door's own and refused.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Bytes>,
    /// How long name look-up, connecting and the TLS handshake may take together.
    pub connect_timeout: Duration,
    /// How long the whole exchange may take, from the look-up to the last byte of the answer.
    pub timeout: Duration,
    /// How many bytes of the answer's body are read, counted after decompression.
    pub max_answer_bytes: usize,
    /// What becomes of an answer that does not come whole.
    pub on_incomplete: Incomplete,
    /// Ports this caller allows; the door's own rule counts as well.
    pub ports: Option<Ports>,
}

/// What becomes of an answer larger than the limit, or not at its end in time. Where only a part is
/// answered, [`Answer::incomplete`] says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incomplete {
    /// The answer is worthless in part: [`Error::TooLarge`], [`Error::TimedOut`].
    Refuse,
    /// The beginning of a larger one is enough; one that takes too long is none.
    Truncate,
    /// What came is kept, if status and headers did.
    Keep,
}

/// What came back. Any HTTP status is an answer, a redirect (3xx) too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers in the order they came, names in lower case; bytes that are not UTF-8 replaced.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Bytes,
    /// Why the body is only a beginning; `None`: it is whole.
    pub incomplete: Option<Error>,
    /// From the call to the last byte read.
    pub elapsed: Duration,
}

/// Answers a scheme inside the process, behind the same door and with the same limit of size.
///
/// Time is its own business: one that would answer after `request.timeout` returns
/// [`Error::TimedOut`] at once.
pub trait Answerer: Send + Sync {
    /// Answers one request.
    fn answer(&self, request: &Request) -> Result<Answer, Error>;
}

impl Request {
    /// A connection that takes longer will rarely come about at all.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
    /// A server that takes longer is better asked again later.
    pub const TIMEOUT: Duration = Duration::from_secs(15);
    /// Larger than any answer about one shipment.
    pub const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;

    /// A request without headers and body, with the limits above.
    pub fn new(method: http::Method, url: impl Into<String>) -> Request {
        Request {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            connect_timeout: Request::CONNECT_TIMEOUT,
            timeout: Request::TIMEOUT,
            max_answer_bytes: Request::MAX_ANSWER_BYTES,
            on_incomplete: Incomplete::Refuse,
            ports: None,
        }
    }
}

/// Only what may stand in a log: paths, queries, headers and bodies carry secrets.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("origin", &target::origin(&self.url))
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
