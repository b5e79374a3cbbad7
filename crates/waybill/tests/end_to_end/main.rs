//! The binary as its users meet it: started, asked over HTTP, killed, started again. Every test has
//! a folder, a database, a port and a receiver of its own, and reads no clock but the server's.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod command_line;
mod configuration;
mod crash;
mod drain;
mod faults;
mod harness;
mod main_job;
mod nodes;
mod own_couriers;
mod postgres;
mod ups_rehearsal;
mod webhooks;
