//! The one binary: command line, configuration, composition. Nothing here decides anything about
//! trackings; it puts the parts together.
//!
//! To add a command: a variant in [`cli`] and a file in [`commands`]. To add a key of the
//! configuration: a field in [`config`], used where the [`node`] is put together.

mod asking_metrics;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod database;
pub mod failure;
pub mod health;
pub mod logs;
pub mod master_key;
pub mod membership;
pub mod node;
pub mod sandbox;
pub mod search;
mod sweep;
pub mod terminal;
