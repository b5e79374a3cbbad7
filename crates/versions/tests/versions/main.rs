//! What holds between versions: shapes against the facts of the published clients, and that nothing
//! is lost on the way up and down.

mod facts;
mod generate;
mod golden;
mod lowered;
mod page;
mod round_trip;
mod validate;
