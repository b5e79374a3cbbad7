//! The tasks that write.
//!
//! Each has a connection, and puts what waits for it into one transaction, so that many small
//! durable writes cost one wait for the disk. An organization's sets all go to the same task.
//! Answers are given after the commit.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use waybill_model::OrganizationId;
use waybill_storage::{Commit, Conflict, Result, Unavailable, WriteSet};

use crate::{
    batch::{self, Outcome},
    failure::Failure,
    partitions::Partitions,
    session::Session,
    setup::Setup,
    values::Home,
};

/// Tasks, with a connection each: while one waits for the disk the others compute.
pub const COMMITTERS: usize = 4;
/// Sets in one transaction: more made commits ten times longer and gained little.
const BATCH_LIMIT: usize = 256;
/// Sets that may wait for one task: eight full batches, about half a second of work. Who comes later
/// is told so at once instead of waiting for ever.
const QUEUE_LIMIT: usize = 8 * BATCH_LIMIT;
/// Turns that a committer leaves to others before it begins with what waits.
const TURNS: usize = 2;
/// How often a transaction is tried that another node was in the way of, or whose connection was
/// lost before the commit.
const TRIES: usize = 5;

/// To which of the tasks an organization's sets go.
pub fn queue_of(organization: OrganizationId) -> usize {
    Home::of(organization).shard as usize % COMMITTERS
}

/// The queues to the tasks. When they are dropped the tasks commit what waits, and end.
pub struct Committers {
    queues: Vec<mpsc::Sender<Message>>,
}

/// What a task is asked for.
enum Message {
    /// To commit a set.
    Write(Box<Unit>),
    /// To tell when all before it is done.
    Tell(oneshot::Sender<()>),
}

/// A set that waits for its commit.
struct Unit {
    set: WriteSet,
    reply: oneshot::Sender<Result<Commit>>,
}

impl Committers {
    /// Starts the tasks.
    pub fn start(setup: &Setup) -> Self {
        let partitions = Arc::new(Partitions::default());
        let start = |_| {
            let (queue, waiting) = mpsc::channel(QUEUE_LIMIT);
            let committer = Committer {
                setup: setup.clone(),
                partitions: partitions.clone(),
                session: None,
            };
            tokio::spawn(committer.serve(waiting));
            queue
        };
        Self {
            queues: (0..COMMITTERS).map(start).collect(),
        }
    }

    /// Submits a set and waits for its commit.
    pub async fn write(&self, set: WriteSet) -> Result<Commit> {
        let (reply, answer) = oneshot::channel();
        let queue = &self.queues[queue_of(set.organization)];
        let unit = Box::new(Unit { set, reply });
        queue
            .try_send(Message::Write(unit))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => {
                    Unavailable(format!("{QUEUE_LIMIT} writes wait already"))
                }
                mpsc::error::TrySendError::Closed(_) => stopped(),
            })?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Waits until everything submitted so far is committed, or has failed.
    pub async fn flush(&self) -> Result<()> {
        for queue in &self.queues {
            let (tell, told) = oneshot::channel();
            let sent = queue.send(Message::Tell(tell)).await;
            sent.map_err(|_| stopped())?;
            told.await.map_err(|_| stopped())?;
        }
        Ok(())
    }

    /// Whether all tasks still work.
    pub fn are_working(&self) -> bool {
        self.queues.iter().all(|queue| !queue.is_closed())
    }
}

struct Committer {
    setup: Setup,
    partitions: Arc<Partitions>,
    session: Option<Session>,
}

impl Committer {
    async fn serve(mut self, mut waiting: mpsc::Receiver<Message>) {
        let mut messages = Vec::with_capacity(BATCH_LIMIT);
        while waiting.recv_many(&mut messages, BATCH_LIMIT).await > 0 {
            // Callers that are about to write get their turn first, to share the commit.
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
                while messages.len() < BATCH_LIMIT
                    && let Ok(message) = waiting.try_recv()
                {
                    messages.push(message);
                }
            }
            let (mut units, mut tells) = (Vec::with_capacity(messages.len()), Vec::new());
            for message in messages.drain(..) {
                match message {
                    Message::Write(unit) => units.push(*unit),
                    Message::Tell(tell) => tells.push(tell),
                }
            }
            for unit in self.commit_together(units).await {
                self.commit_alone(unit).await;
            }
            for tell in tells {
                // Who asked may have gone.
                let _ = tell.send(());
            }
        }
    }

    /// Commits as many together as hold together. Answered are those that are committed, or that the
    /// database is not there for; the others must be tried alone.
    async fn commit_together(&mut self, mut units: Vec<Unit>) -> Vec<Unit> {
        let mut apart = Vec::new();
        while units.len() > 1 {
            let sets: Vec<&WriteSet> = units.iter().map(|unit| &unit.set).collect();
            match self.transact(&sets).await {
                Ok(Outcome::Applied(lasts)) => {
                    for (unit, sequence) in units.into_iter().zip(lasts) {
                        unit.answer(Ok(Commit::Applied { sequence }));
                    }
                    return apart;
                }
                Ok(Outcome::Refused(refused)) => {
                    let mut is_refused = vec![false; units.len()];
                    for (set, _) in refused {
                        is_refused[set] = true;
                    }
                    let mut is_refused = is_refused.into_iter();
                    apart.extend(units.extract_if(.., |_| is_refused.next() == Some(true)));
                }
                Err(failure) if failure.is_of_the_batch() => {
                    tracing::warn!(error = %failure, sets = units.len(), "a batch of writes failed; each is tried alone");
                    break;
                }
                Err(failure) => {
                    tracing::error!(error = %failure, sets = units.len(), "writes failed");
                    let unavailable = Unavailable::from(failure);
                    for unit in units.drain(..) {
                        unit.answer(Err(unavailable.clone()));
                    }
                }
            }
        }
        apart.extend(units);
        apart
    }

    /// Commits one set, or tells why it does not hold.
    async fn commit_alone(&mut self, unit: Unit) {
        let answer = match self.transact(&[&unit.set]).await {
            Ok(Outcome::Applied(lasts)) => Ok(Commit::Applied {
                sequence: lasts.into_iter().next().flatten(),
            }),
            Ok(Outcome::Refused(refused)) => {
                let conflict = refused.into_iter().next().map(|(_, conflict)| conflict);
                Ok(Commit::Conflict(conflict.unwrap_or(Conflict::Changed)))
            }
            Err(failure) if failure.is_of_a_known_row() => Ok(Commit::Conflict(Conflict::Changed)),
            Err(failure) => {
                tracing::error!(error = %failure, "a write failed");
                Err(failure.into())
            }
        };
        unit.answer(answer);
    }

    async fn transact(&mut self, sets: &[&WriteSet]) -> crate::failure::Result<Outcome> {
        let mut tries = 0;
        loop {
            tries += 1;
            let session = match self.session.take().filter(Session::is_free) {
                Some(session) => session,
                // Nobody is kept waiting for a database that is away.
                None => Session::connect(&self.setup).await?.for_batches().await?,
            };
            let failure = match batch::commit(&session, &self.partitions, sets).await {
                Ok(outcome) => {
                    self.session = Some(session);
                    return Ok(outcome);
                }
                Err(failure) => failure,
            };
            let is_lost = failure.is_lost() || matches!(failure, Failure::Unknown(_));
            if !is_lost && session.roll_back().await.is_ok() {
                self.session = Some(session);
            }
            // Another node dropped a table that was known here.
            let is_gone = failure.lacks_a_partition();
            if is_gone {
                self.partitions.forget();
            }
            // Before the commit nothing has happened, so it may be tried again.
            let again = is_gone
                || failure.is_transient()
                || (failure.is_lost() && !matches!(failure, Failure::Late));
            if !again || tries >= TRIES {
                return Err(failure);
            }
            tracing::warn!(error = %failure, tries, "a transaction is tried again");
        }
    }
}

impl Unit {
    fn answer(self, committed: Result<Commit>) {
        // The caller may have given up.
        let _ = self.reply.send(committed);
    }
}

fn stopped() -> Unavailable {
    Unavailable("the database was closed".to_owned())
}
