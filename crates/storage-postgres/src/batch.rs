//! One transaction of many write sets.
//!
//! Nothing that is expected of the database raises an error in it: what does not hold is told by a
//! row that was not written, with the set that it is of.

use std::collections::BTreeSet;

use waybill_storage::{Conflict, WriteSet};

use crate::{
    endings,
    failure::Result,
    partitions::{Partitions, week},
    session::Session,
    write_set::Rows,
};

/// What became of the sets.
pub enum Outcome {
    /// All are committed; for each the number of its last event.
    Applied(Vec<Option<u64>>),
    /// Nothing is: these did not hold, perhaps only because of their neighbours. The first reason of
    /// each is told.
    Refused(Vec<(usize, Conflict)>),
}

/// Commits the sets together. After a failure the transaction is still open, unless the connection
/// was lost.
pub async fn commit(
    session: &Session,
    partitions: &Partitions,
    sets: &[&WriteSet],
) -> Result<Outcome> {
    let mut rows = Rows::of(sets);
    let weeks: BTreeSet<i32> = rows.filed().map(week).collect();
    partitions.ensure(session, &weeks).await?;
    session.begin().await?;
    // It holds the arrays of all statements: too large for the stack of every caller.
    Box::pin(rows.write(session)).await?;
    if rows.refusals.is_empty() {
        let lasts = endings::write(session, &mut rows, sets.len()).await?;
        if rows.refusals.is_empty() {
            session.commit().await?;
            return Ok(Outcome::Applied(lasts));
        }
    }
    session.roll_back().await?;
    let mut refused: Vec<(usize, Conflict)> = Vec::new();
    for refusal in rows.refusals {
        if refused.iter().all(|(set, _)| *set != refusal.set) {
            refused.push((refusal.set, refusal.conflict));
        }
    }
    Ok(Outcome::Refused(refused))
}
