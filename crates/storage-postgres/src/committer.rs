//! The tasks that write.
//!
//! Each has a connection, and puts what waits for it into one transaction, so that many small
//! durable writes cost one wait for the disk. An organization's sets all go to the same task.
//! Answers are given after the commit.

use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Config;
use waybill_model::TrackingKey;
use waybill_storage::{Commit, Put, Result, Unavailable, WriteSet};

use crate::{batch, failure::Failure, session::Session, values::Home};

/// Tasks, with a connection each: while one waits for the disk the others compute.
const COMMITTERS: usize = 4;
/// Sets in one transaction: more made commits ten times longer and gained little.
const BATCH_LIMIT: usize = 256;
/// Sets that may wait for one task: eight full batches, about half a second of work. Who comes later
/// is told so at once instead of waiting for ever.
const QUEUE_LIMIT: usize = 8 * BATCH_LIMIT;
/// How often a transaction is tried that another node was in the way of, or whose connection was
/// lost before the commit.
const TRIES: usize = 5;

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
    pub fn start(config: &Config) -> Self {
        let start = |_| {
            let (queue, waiting) = mpsc::channel(QUEUE_LIMIT);
            let committer = Committer {
                config: config.clone(),
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
        let shard = Home::of(set.organization).shard;
        let queue = &self.queues[shard as usize % COMMITTERS];
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
    config: Config,
    session: Option<Session>,
}

impl Committer {
    async fn serve(mut self, mut waiting: mpsc::Receiver<Message>) {
        let mut messages = Vec::with_capacity(BATCH_LIMIT);
        while waiting.recv_many(&mut messages, BATCH_LIMIT).await > 0 {
            let (mut units, mut tells) = (Vec::with_capacity(messages.len()), Vec::new());
            for message in messages.drain(..) {
                match message {
                    Message::Write(unit) => units.push(*unit),
                    Message::Tell(tell) => tells.push(tell),
                }
            }
            // Nodes that write the same rows take them in the same order.
            units.sort_by_cached_key(|unit| place(&unit.set));
            self.commit(units).await;
            for tell in tells {
                // Who asked may have gone.
                let _ = tell.send(());
            }
        }
    }

    /// Commits a batch. Where it fails by what was written, or other nodes are always in the way of
    /// something in it, each set is tried alone, so that only the bad one fails.
    async fn commit(&mut self, units: Vec<Unit>) {
        if units.is_empty() {
            return;
        }
        let sets: Vec<&WriteSet> = units.iter().map(|unit| &unit.set).collect();
        match self.transact(&sets).await {
            Ok(commits) => {
                for (unit, commit) in units.into_iter().zip(commits) {
                    unit.answer(Ok(commit));
                }
            }
            Err(failure) if failure.is_of_the_batch() && units.len() > 1 => {
                tracing::warn!(error = %failure, sets = units.len(), "a batch of writes failed; each is tried alone");
                for unit in units {
                    let alone = self.transact(&[&unit.set]).await;
                    unit.answer(alone.and_then(only));
                }
            }
            Err(failure) => {
                tracing::error!(error = %failure, sets = units.len(), "writes failed");
                let unavailable = Unavailable::from(failure);
                for unit in units {
                    let _ = unit.reply.send(Err(unavailable.clone()));
                }
            }
        }
    }

    async fn transact(&mut self, sets: &[&WriteSet]) -> crate::failure::Result<Vec<Commit>> {
        let mut tries = 0;
        loop {
            tries += 1;
            let session = match self.session.take().filter(Session::is_free) {
                Some(session) => session,
                // Nobody is kept waiting for a database that is away.
                None => Session::connect(&self.config).await?,
            };
            let failure = match batch::commit(&session, sets).await {
                Ok(commits) => {
                    self.session = Some(session);
                    return Ok(commits);
                }
                Err(failure) => failure,
            };
            let is_lost = failure.is_lost() || matches!(failure, Failure::Unknown(_));
            if !is_lost && session.roll_back().await.is_ok() {
                self.session = Some(session);
            }
            // Before the commit nothing has happened, so it may be tried again.
            let again = failure.is_transient() || (failure.is_lost() && !is_late(&failure));
            if !again || tries >= TRIES {
                return Err(failure);
            }
            tracing::warn!(error = %failure, tries, "a transaction is tried again");
        }
    }
}

impl Unit {
    fn answer(self, committed: crate::failure::Result<Commit>) {
        // The caller may have given up.
        let _ = self.reply.send(committed.map_err(Unavailable::from));
    }
}

/// Where a set stands in the order that all nodes keep.
fn place(set: &WriteSet) -> (Home, Option<TrackingKey>) {
    let key = |put: &Put| match put {
        Put::Tracking(row) => Some(row.key),
        Put::Poll(row) => Some(row.tracking),
        Put::Name(row) => Some(row.tracking),
        _ => None,
    };
    let key = set.put.iter().filter_map(key).min();
    (Home::of(set.organization), key)
}

fn only(commits: Vec<Commit>) -> crate::failure::Result<Commit> {
    commits.into_iter().next().ok_or(Failure::Alone)
}

fn is_late(failure: &Failure) -> bool {
    matches!(failure, Failure::Late)
}

fn stopped() -> Unavailable {
    Unavailable("the database was closed".to_owned())
}
