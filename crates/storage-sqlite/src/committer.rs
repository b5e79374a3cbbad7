//! The one thread that writes.
//!
//! What waits is put into one transaction, so that many small durable writes cost one wait for the
//! disk. A unit that takes itself back leaves nothing, while the others commit. Answers are given
//! after the commit.
//!
//! Who reads in order to write looks here, too, between two transactions: a reader's page cache is worth nothing
//! after a commit of another connection, this one's stays warm, and the write finds its pages in it.

use std::{
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::oneshot;
use waybill_storage::{Result, Unavailable};

use crate::{
    checkpoints,
    readers::{snapshot, unavailable},
};

/// Units in one transaction: more made commits ten times longer and gained little.
const BATCH_LIMIT: usize = 256;
/// Units that may wait: eight full batches, about half a second of work. Who comes later is told so
/// at once instead of waiting for ever.
const QUEUE_LIMIT: usize = 8 * BATCH_LIMIT;
/// How long a batch waits for the others that are about to come: less than a commit costs, which they then
/// share.
const LINGER: Duration = Duration::from_micros(200);
/// It waits again as long as others come, but no longer than so often.
const LINGERS: usize = 4;
/// Who writes alone, or nearly so, never waits.
const LINGER_FOR: usize = 8;

/// What a unit of work decided. Either way `T` is the answer.
pub enum Verdict<T> {
    /// What it wrote stays.
    Keep(T),
    /// What it wrote is taken back.
    Undo(T),
}

/// The queue to the thread, and the thread.
pub struct Committer {
    queue: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<()>>,
}

/// A way to ask the thread for what is no write.
#[derive(Default)]
pub struct Queue(Option<SyncSender<Message>>);

impl Queue {
    /// Asks for the log to be begun anew. A full queue is busy enough: it is asked again.
    pub fn restart_log(&self) {
        if let Some(queue) = &self.0 {
            let _ = queue.try_send(Message::RestartLog);
        }
    }
}

/// What the thread is asked for.
enum Message {
    /// A write.
    Unit(Box<dyn Unit>),
    /// A read for a write to come.
    Look(Box<dyn FnOnce(&Connection) + Send>),
    /// The log was copied into the database but for a little; begin it anew.
    RestartLog,
}

impl Committer {
    /// Starts the thread on its connection.
    pub fn start(connection: Connection, witness: impl Witness + 'static) -> std::io::Result<Self> {
        let writer = Writer {
            connection,
            version: None,
            last_batches: [0; 2],
            witness: Box::new(witness),
        };
        let (queue, waiting) = sync_channel(QUEUE_LIMIT);
        let thread = std::thread::Builder::new()
            .name("sqlite-committer".to_owned())
            .spawn(move || writer.serve(&waiting))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Submits a unit and waits for its commit. The work may run more than once, and must then do
    /// the same again.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> rusqlite::Result<Verdict<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.submit(Box::new(Work {
            run: work,
            made: None,
            reply,
        }))?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Reads what is committed, all of it as of one moment.
    pub async fn look<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Look(Box::new(move |connection| {
            let found = snapshot(connection, look).map_err(unavailable);
            // Nobody may be waiting any more.
            let _ = reply.send(found);
        })))?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Waits until everything submitted so far is committed. Waits for a place in the queue, too.
    pub async fn flush(&self) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let work = Work {
            run: |_: &Connection| Ok(Verdict::Keep(())),
            made: None,
            reply,
        };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue
            .send(Message::Unit(Box::new(work)))
            .map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Submits a unit that nobody waits for.
    pub fn note(
        &self,
        work: impl FnMut(&Connection) -> rusqlite::Result<Verdict<()>> + Send + 'static,
    ) -> Result<()> {
        let (reply, _) = oneshot::channel();
        self.submit(Box::new(Work {
            run: work,
            made: None,
            reply,
        }))
    }

    /// A way to the thread for the checkpointer, which must end first.
    pub fn queue(&self) -> Queue {
        Queue(self.queue.clone())
    }

    /// Whether the thread still works.
    pub fn is_working(&self) -> bool {
        self.thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
    }

    fn submit(&self, unit: Box<dyn Unit>) -> Result<()> {
        self.send(Message::Unit(unit))
    }

    fn send(&self, message: Message) -> Result<()> {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => Unavailable(format!("{QUEUE_LIMIT} writes wait already")),
            TrySendError::Disconnected(_) => stopped(),
        })
    }
}

impl Drop for Committer {
    /// What was submitted is still committed.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A write that waits for its commit.
trait Unit: Send {
    /// Does the work; whether what it wrote stays.
    fn work(&mut self, connection: &Connection) -> rusqlite::Result<bool>;
    /// Tells what became of it.
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Work<T, F> {
    run: F,
    made: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Unit for Work<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> rusqlite::Result<Verdict<T>> + Send,
{
    fn work(&mut self, connection: &Connection) -> rusqlite::Result<bool> {
        let (keep, made) = match (self.run)(connection)? {
            Verdict::Keep(made) => (true, made),
            Verdict::Undo(made) => (false, made),
        };
        self.made = Some(made);
        Ok(keep)
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let Self { made, reply, .. } = *self;
        // Nobody may be waiting any more: a caller that gave up, or a note.
        let _ = reply.send(committed.and_then(|()| made.ok_or_else(stopped)));
    }
}

/// Who keeps true what is remembered of the database.
pub trait Witness: Send {
    /// A transaction has begun, and nothing was written in it yet: whether another connection has written since the
    /// last one began.
    fn begun(&self, others_wrote: bool);
    /// It has ended, either way, and nobody was answered yet. What is given tells whether another connection has
    /// written since it began.
    fn ended(&self, others_wrote: &dyn Fn() -> bool);
}

/// The thread: its connection, and what it knows of others.
struct Writer {
    connection: Connection,
    /// SQLite's number for what other connections wrote, as of the last transaction.
    version: Option<i64>,
    /// Units of the last two batches: about as many as there are callers, who are answered after one and
    /// come again for the next, or the next but one.
    last_batches: [usize; 2],
    witness: Box<dyn Witness>,
}

impl Writer {
    fn serve(mut self, waiting: &Receiver<Message>) {
        let mut batch = Vec::with_capacity(BATCH_LIMIT);
        while let Ok(first) = waiting.recv() {
            let mut restart = self.take(&mut batch, Some(first), waiting);
            for _ in 0..LINGERS {
                let here = batch.len();
                if restart || !self.others_come_soon(here) {
                    break;
                }
                std::thread::sleep(LINGER);
                restart = self.take(&mut batch, None, waiting);
                if batch.len() == here {
                    break;
                }
            }
            if !batch.is_empty() {
                self.last_batches = [batch.len(), self.last_batches[0]];
                self.commit(std::mem::take(&mut batch));
            }
            if restart {
                checkpoints::restart_log(&self.connection);
            }
        }
    }

    /// Puts what waits into a batch, up to its limit, and looks for those who only look; whether the log is to be begun
    /// anew after it.
    fn take(
        &self,
        batch: &mut Vec<Box<dyn Unit>>,
        first: Option<Message>,
        waiting: &Receiver<Message>,
    ) -> bool {
        let waiting = first.into_iter().chain(waiting.try_iter());
        for message in waiting.take(QUEUE_LIMIT) {
            match message {
                Message::Unit(unit) => batch.push(unit),
                Message::Look(look) => {
                    look(&self.connection);
                    roll_back_if_open(&self.connection);
                }
                Message::RestartLog => return true,
            }
            if batch.len() == BATCH_LIMIT {
                break;
            }
        }
        false
    }

    fn others_come_soon(&self, here: usize) -> bool {
        let expected = self.last_batches.iter().sum::<usize>();
        expected >= LINGER_FOR && here * 4 < expected.min(BATCH_LIMIT) * 3
    }

    /// Commits a batch. Units that take back what they wrote are rare, and savepoints cost a fifth of a
    /// write: so they are set only once one was needed. Where a batch fails each unit is tried alone, so
    /// that only the bad one fails.
    fn commit(&mut self, mut batch: Vec<Box<dyn Unit>>) {
        let mut done = self.together(&mut batch, Savepoints::None);
        if let Err(Failed::Undone) = done {
            done = self.together(&mut batch, Savepoints::Each);
        }
        match done {
            Ok(()) => batch.into_iter().for_each(|unit| unit.answer(Ok(()))),
            Err(Failed::Within(error)) if batch.len() > 1 => {
                tracing::warn!(%error, units = batch.len(), "a batch of writes failed; each is tried alone");
                for unit in batch {
                    self.commit(vec![unit]);
                }
            }
            Err(failed) => {
                tracing::error!(error = %failed, "a write failed");
                for unit in batch {
                    unit.answer(Err(Unavailable(failed.to_string())));
                }
            }
        }
    }

    fn together(
        &mut self,
        batch: &mut [Box<dyn Unit>],
        savepoints: Savepoints,
    ) -> std::result::Result<(), Failed> {
        execute(&self.connection, "BEGIN IMMEDIATE").map_err(Failed::ToBegin)?;
        let noticed = self.notice_others().map_err(Failed::Within);
        let connection = &self.connection;
        let done = noticed
            .and_then(|()| {
                batch.iter_mut().try_for_each(|unit| match savepoints {
                    Savepoints::None => bare(connection, unit.as_mut()),
                    Savepoints::Each => apart(connection, unit.as_mut()).map_err(Failed::Within),
                })
            })
            .and_then(|()| execute(connection, "COMMIT").map_err(Failed::Within));
        roll_back_if_open(connection);
        let stands = || self.version().is_ok_and(|now| self.version == Some(now));
        self.witness.ended(&|| !stands());
        done
    }

    fn notice_others(&mut self) -> rusqlite::Result<()> {
        let version = self.version()?;
        let others_wrote = self.version.replace(version) != Some(version);
        self.witness.begun(others_wrote);
        Ok(())
    }

    fn version(&self) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))
    }
}

/// Whether units stand in savepoints of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Savepoints {
    /// What one takes back takes all back.
    None,
    /// What one takes back leaves the others.
    Each,
}

/// Why a transaction failed.
#[derive(Debug, thiserror::Error)]
enum Failed {
    /// Another process holds the lock: no unit would fare better alone.
    #[error("{0}")]
    ToBegin(rusqlite::Error),
    /// In one of the units, or at the commit.
    #[error("{0}")]
    Within(rusqlite::Error),
    /// A unit took back what it wrote, and there was no savepoint.
    #[error("a write could not be taken back")]
    Undone,
}

fn bare(connection: &Connection, unit: &mut dyn Unit) -> std::result::Result<(), Failed> {
    let before = connection.total_changes();
    let keep = unit.work(connection).map_err(Failed::Within)?;
    if keep || connection.total_changes() == before {
        Ok(())
    } else {
        Err(Failed::Undone)
    }
}

fn apart(connection: &Connection, unit: &mut dyn Unit) -> rusqlite::Result<()> {
    execute(connection, "SAVEPOINT unit")?;
    if !unit.work(connection)? {
        execute(connection, "ROLLBACK TO unit")?;
    }
    execute(connection, "RELEASE unit")
}

/// After what failed; some errors have rolled back already.
fn roll_back_if_open(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = execute(connection, "ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

fn execute(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}

fn stopped() -> Unavailable {
    Unavailable("the database was closed".to_owned())
}

#[cfg(test)]
mod tests;
