//! The door against real servers on loopback.

mod destination;
mod exchange;
mod support;
