//! Couriers as data: which courier a number belongs to, how to ask it, and what its answer means.
//!
//! **For:** a courier is a folder (`couriers/<slug>/`) of `courier.toml` (names, links, number formats,
//! credentials, limits), `request.jq` (query and credentials → request), `read.jq` (answer → shipments
//! and checkpoints), `statuses.csv` (the courier's codes → sub-statuses) and `samples/`. This crate
//! loads the folders ([`Couriers`]), detects ([`Couriers::detect`]), builds requests ([`Courier::ask`]),
//! reads answers ([`Courier::read`]) and checks folders ([`Couriers::check`]). [`sandbox`] is the
//! courier that answers from a script.
//!
//! **Must not know:** sockets, HTTP clients, the clock (`now` is in the [`Query`]), databases, or any
//! courier by name — but for the sandbox, which is one.
//!
//! **To add:** a courier is a folder and nothing else; `samples/` are run by the one test over all
//! folders. A filter for programs is a word in `program/offered.rs`; a way to authenticate is a variant
//! in `definition.rs` and an arm in `authentication.rs`; a check-digit algorithm a line in `numbers/`.

mod answer;
mod authentication;
mod batch;
mod catalogue;
mod check;
mod courier;
mod definition;
mod detection;
mod load;
mod numbers;
mod output;
mod program;
mod push;
mod read;
mod reading;
mod request;
pub mod sandbox;
mod statuses;
mod texts;
mod trial;
mod xml;

pub use answer::HttpAnswer;
pub use authentication::Token;
pub use check::{Clash, Finding};
pub use courier::{Courier, Sample};
pub use definition::{
    Authentication, Connection, Credential, CredentialKind, CredentialsIn, Definition, Evidence,
    Feed, Field, Push, PushSignature,
};
pub use detection::{Candidate, Hints, SURE, outline};
pub use load::{Couriers, LoadError};
pub use numbers::{Check, NumberFormat, Shape, Strength};
pub use program::{Algorithm, CompileError, Encoding, Program, RunError};
pub use push::{MAX_PUSH_BYTES, PushFault};
pub use reading::{
    Dimensions, Estimated, LastMile, Outcome, Piece, PieceKind, Proof, ReadCheckpoint, Reading,
    Told, Trouble, TroubleKind, Weight,
};
pub use request::{
    Ask, CourierError, Credentials, HttpRequest, Method, Query, TokenRequest, redact,
};
pub use statuses::{Meaning, Statuses};
pub use texts::classify_text;
pub use trial::{Agreement, TextAgreement, TextDifference, compare_texts};

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
