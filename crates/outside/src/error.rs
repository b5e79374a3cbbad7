//! Why no answer came back.

use std::net::IpAddr;
use std::time::Duration;

/// Why no answer came back, in words for an operator. No message holds a path, query, header
/// value or body, since those carry secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The URL cannot be used; the text says why.
    #[error("the URL cannot be used: {0}")]
    BadUrl(String),
    /// A header cannot be sent.
    #[error("header `{name}` cannot be sent: {reason}")]
    BadHeader {
        /// The header's name as given.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The host is, or resolves to, an address that is neither public nor allowed.
    #[error("address {address} is blocked: {reason} (outside.allow_networks can allow it)")]
    Blocked {
        /// The address.
        address: IpAddr,
        /// Its kind.
        reason: &'static str,
    },
    /// The port is not allowed.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// The host's name could not be resolved.
    #[error("name not resolved: {0}")]
    Dns(String),
    /// No connection came about.
    #[error("no connection: {0}")]
    Connect(String),
    /// The secure connection failed: certificate, version or no TLS at all.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// The limit of time, for connecting or for the whole exchange, ran out.
    #[error("no complete answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is larger than this many bytes.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// What came back is not HTTP, or broke off.
    #[error("the exchange failed: {0}")]
    Protocol(String),
}

impl Error {
    /// Reads an error of the HTTP client. The innermost cause is the only text shown: the outer
    /// ones print the URL.
    pub(crate) fn from_client(error: &reqwest::Error, connect_timeout: Duration) -> Error {
        let causes = causes(error);
        if let Some(ours) = find::<Error>(&causes) {
            return ours.clone();
        }
        if let Some(tls) = find::<rustls::Error>(&causes) {
            return Error::Tls(tls.to_string());
        }
        if error.is_timeout() {
            // The total limit is not the client's, so only connecting can have timed out.
            return Error::TimedOut(connect_timeout);
        }
        let text = causes
            .last()
            .map_or_else(|| "unknown reason".to_owned(), ToString::to_string);
        match () {
            () if error.is_connect() => Error::Connect(text),
            () if error.is_builder() => Error::BadUrl(text),
            () => Error::Protocol(text),
        }
    }
}

type Cause<'a> = &'a (dyn std::error::Error + 'static);

/// The causes below an error, outermost first. An `io::Error` hides the error it wraps from
/// `source`, so it is unwrapped by hand.
fn causes(error: &reqwest::Error) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        causes.push(cause);
        next = match cause.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as Cause<'_>),
            None => cause.source(),
        };
    }
    causes
}

fn find<'a, E: std::error::Error + 'static>(causes: &[Cause<'a>]) -> Option<&'a E> {
    causes.iter().find_map(|cause| cause.downcast_ref::<E>())
}
