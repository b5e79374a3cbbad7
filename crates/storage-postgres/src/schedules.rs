//! Whose turn it is to do what runs by the clock.

use jiff::Timestamp;

use crate::{
    failure::Result,
    session::Session,
    values::{Text, micros},
};

const TAKE: &str = "INSERT INTO schedules (name, next) VALUES ($1, $3)
    ON CONFLICT (name) DO UPDATE SET next = $3 WHERE schedules.next <= $2";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[TAKE];

/// Takes the turn: true for the one whose write moved the schedule on.
pub async fn take_turn(
    session: &Session,
    name: &str,
    now: Timestamp,
    next: Timestamp,
) -> Result<bool> {
    let moved = session
        .change(TAKE, &[&Text(name), &micros(now), &micros(next)])
        .await?;
    Ok(moved == 1)
}
