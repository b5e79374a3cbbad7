//! The bare batching writer of PostgreSQL: no HTTP, the rows of creates in groups.

mod prototype;
mod writer;

pub use prototype::{Prototype, Snapshot};
pub use writer::write;
