//! One transaction of many write sets.
//!
//! Sets run side by side on one connection: the server takes their statements one by one, but none
//! waits for another's answer. Sets that do not hold are rare, so the first try has no savepoints;
//! if one does not hold, all is taken back and done again, one set after the other in savepoints, so
//! that it alone leaves nothing.

use futures_util::future::join_all;
use waybill_storage::{Commit, WriteSet};

use crate::{
    endings::{self, Held},
    failure::{Failure, Result},
    session::Session,
    values::Home,
    write_set::{self, Effects, Step, Stop},
};

/// Commits the sets together; what became of each. After a failure the transaction is still open,
/// unless the connection was lost.
pub async fn commit(session: &Session, sets: &[&WriteSet]) -> Result<Vec<Commit>> {
    match side_by_side(session, sets).await {
        Ok(commits) => return Ok(commits),
        Err(Stop::Failed(failure)) => return Err(failure),
        Err(Stop::Conflict(conflict)) => {
            session.roll_back().await?;
            if sets.len() == 1 {
                return Ok(vec![Commit::Conflict(conflict)]);
            }
        }
    }
    one_by_one(session, sets).await.map_err(|stop| match stop {
        Stop::Failed(failure) => failure,
        // Found only at the end, where it is too late to tell whose it is.
        Stop::Conflict(_) => Failure::Alone,
    })
}

async fn side_by_side(session: &Session, sets: &[&WriteSet]) -> Step<Vec<Commit>> {
    session.begin().await?;
    let applied = join_all(sets.iter().map(|set| apply(session, set))).await;
    let mut held = Vec::with_capacity(sets.len());
    let mut stopped: Option<Stop> = None;
    for result in applied {
        match (result, &stopped) {
            (Ok(set), _) => held.push(set),
            (Err(stop), None) => stopped = Some(stop),
            // One failure makes all statements after it fail: the first of all is the one to tell.
            (Err(Stop::Failed(failure)), Some(Stop::Conflict(_))) => {
                stopped = Some(Stop::Failed(failure));
            }
            (Err(Stop::Failed(failure)), Some(Stop::Failed(known)))
                if known.is_echo() && !failure.is_echo() =>
            {
                stopped = Some(Stop::Failed(failure));
            }
            (Err(_), Some(_)) => {}
        }
    }
    if let Some(stop) = stopped {
        return Err(stop);
    }
    let lasts = endings::write(session, &held).await?;
    session.commit().await?;
    Ok(lasts
        .into_iter()
        .map(|sequence| Commit::Applied { sequence })
        .collect())
}

async fn one_by_one(session: &Session, sets: &[&WriteSet]) -> Step<Vec<Commit>> {
    session.begin().await?;
    let mut commits = Vec::with_capacity(sets.len());
    let (mut held, mut places) = (Vec::new(), Vec::new());
    for (place, set) in sets.iter().enumerate() {
        session.run("SAVEPOINT write_set").await?;
        match apply(session, set).await {
            Ok(set) => {
                session.run("RELEASE write_set").await?;
                held.push(set);
                places.push(place);
                commits.push(Commit::Applied { sequence: None });
            }
            Err(Stop::Conflict(conflict)) => {
                session
                    .run("ROLLBACK TO write_set; RELEASE write_set")
                    .await?;
                commits.push(Commit::Conflict(conflict));
            }
            Err(failed) => return Err(failed),
        }
    }
    let lasts = endings::write(session, &held).await?;
    session.commit().await?;
    for (place, sequence) in places.into_iter().zip(lasts) {
        commits[place] = Commit::Applied { sequence };
    }
    Ok(commits)
}

async fn apply<'a>(session: &Session, set: &'a WriteSet) -> Step<Held<'a>> {
    let home = Home::of(set.organization);
    let effects: Effects<'a> = write_set::apply(session, &home, set).await?;
    Ok(Held { home, set, effects })
}
