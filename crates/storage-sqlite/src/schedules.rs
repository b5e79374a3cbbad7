//! Whose turn it is to do what runs by the clock.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::values::micros;

/// Takes the turn: true for the one whose write moved the schedule on.
pub fn take_turn(
    connection: &Connection,
    name: &str,
    now: Timestamp,
    next: Timestamp,
) -> rusqlite::Result<bool> {
    let moved = connection
        .prepare_cached(
            "INSERT INTO schedules (name, next) VALUES (?1, ?3)
             ON CONFLICT (name) DO UPDATE SET next = ?3 WHERE next <= ?2",
        )?
        .execute(params![name, micros(now), micros(next)])?;
    Ok(moved == 1)
}
