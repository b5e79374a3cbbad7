//! The one thread that writes.
//!
//! What waits is put into one transaction, so that many small durable writes cost one wait for the
//! disk. A unit that takes itself back leaves nothing, while the others commit. Answers are given
//! after the commit.
//!
//! Who reads in order to write looks here, too, between two transactions: a reader's page cache is worth nothing
//! after a commit of another connection, this one's stays warm, and the write finds its pages in it.

mod writer;

use std::{
    sync::mpsc::{SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
};

use rusqlite::Connection;
use tokio::sync::oneshot;
use waybill_storage::{Result, Unavailable};

use crate::{connection::Durability, readers::unavailable, transaction::Transaction};
use writer::{BATCH_LIMIT, Writer, begun};

pub use writer::Witness;

/// Units that may wait: eight full batches, about half a second of work. Who comes later is told so
/// at once instead of waiting for ever.
const QUEUE_LIMIT: usize = 8 * BATCH_LIMIT;

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
    /// Starts the thread on its connection, which is open for such writes.
    pub fn start(
        connection: Connection,
        durability: Durability,
        witness: impl Witness + 'static,
    ) -> std::io::Result<Self> {
        let writer = Writer::new(connection, durability, Box::new(witness));
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
        F: FnMut(&Transaction<'_>) -> rusqlite::Result<Verdict<T>> + Send + 'static,
    {
        self.write_as(Durability::Full, work).await
    }

    /// The same for what a loss of power may take back: its commit does not wait for the disk.
    pub async fn write_lightly<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&Transaction<'_>) -> rusqlite::Result<Verdict<T>> + Send + 'static,
    {
        self.write_as(Durability::Late, work).await
    }

    async fn write_as<T, F>(&self, durability: Durability, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&Transaction<'_>) -> rusqlite::Result<Verdict<T>> + Send + 'static,
    {
        let (work, answer) = Work::new(durability, work);
        self.submit(work)?;
        let (made, _work) = answer.await.unwrap_or_else(|_| Err(stopped()))?;
        Ok(made)
    }

    /// Reads what is committed, all of it as of one moment; who looks together looks at the same.
    pub async fn look<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Look(Box::new(move |connection| {
            let found = begun(connection).and_then(|()| look(connection));
            let found = found.map_err(unavailable);
            // Nobody may be waiting any more.
            let _ = reply.send(found);
        })))?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Waits until everything submitted so far is committed. Waits for a place in the queue, too.
    pub async fn flush(&self) -> Result<()> {
        let (work, answer) = Work::new(Durability::Full, |_: &Transaction<'_>| {
            Ok(Verdict::Keep(()))
        });
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Message::Unit(work)).map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped())).map(drop)
    }

    /// Submits a unit that nobody waits for.
    pub fn note(
        &self,
        work: impl FnMut(&Transaction<'_>) -> rusqlite::Result<Verdict<()>> + Send + 'static,
    ) -> Result<()> {
        self.submit(Work::new(Durability::Full, work).0)
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
    /// Whether its commit waits for the disk.
    fn is_durable(&self) -> bool;
    /// Does the work; whether what it wrote stays.
    fn work(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<bool>;
    /// Tells what became of it.
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Work<T, F> {
    durability: Durability,
    run: F,
    made: Option<T>,
    /// What was run goes back, too: what it holds is given up where it was made, which costs less.
    reply: oneshot::Sender<Result<(T, F)>>,
}

impl<T, F> Work<T, F> {
    /// The work, and where its answer comes.
    fn new(durability: Durability, run: F) -> (Box<Self>, oneshot::Receiver<Result<(T, F)>>) {
        let (reply, answer) = oneshot::channel();
        let work = Self {
            durability,
            run,
            made: None,
            reply,
        };
        (Box::new(work), answer)
    }
}

impl<T, F> Unit for Work<T, F>
where
    T: Send,
    F: FnMut(&Transaction<'_>) -> rusqlite::Result<Verdict<T>> + Send,
{
    fn is_durable(&self) -> bool {
        self.durability == Durability::Full
    }

    fn work(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
        let (keep, made) = match (self.run)(transaction)? {
            Verdict::Keep(made) => (true, made),
            Verdict::Undo(made) => (false, made),
        };
        self.made = Some(made);
        Ok(keep)
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let Self {
            run, made, reply, ..
        } = *self;
        let made = committed.and_then(|()| made.ok_or_else(stopped));
        // Nobody may be waiting any more: a caller that gave up, or a note.
        let _ = reply.send(made.map(|made| (made, run)));
    }
}

fn stopped() -> Unavailable {
    Unavailable("the database was closed".to_owned())
}

#[cfg(test)]
mod tests;
