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

use crate::readers::unavailable;
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
    /// Starts the thread on its connection.
    pub fn start(connection: Connection, witness: impl Witness + 'static) -> std::io::Result<Self> {
        let writer = Writer::new(connection, Box::new(witness));
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
        answer.await.unwrap_or_else(|_| Err(stopped())).map(drop)
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
    /// What was run goes back, too: what it holds is given up where it was made, which costs less.
    reply: oneshot::Sender<Result<(T, F)>>,
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
        let Self { run, made, reply } = *self;
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
