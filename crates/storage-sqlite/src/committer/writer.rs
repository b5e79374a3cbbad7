//! The thread: batches, their transactions, and what becomes of one that fails.

use std::{sync::mpsc::Receiver, time::Duration};

use rusqlite::Connection;
use waybill_storage::Unavailable;

use super::{Message, QUEUE_LIMIT, Unit};
use crate::{checkpoints, connection::Durability, transaction::Transaction};

/// Units in one transaction: more made commits ten times longer and gained little.
pub(super) const BATCH_LIMIT: usize = 256;
/// How long a batch waits for the others that are about to come: less than a commit costs, which they then
/// share.
const LINGER: Duration = Duration::from_micros(200);
/// It waits again as long as others come, but no longer than so often.
const LINGERS: usize = 4;
/// Who writes alone, or nearly so, never waits.
const LINGER_FOR: usize = 8;

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
pub(super) struct Writer {
    connection: Connection,
    /// What the database is open for.
    durability: Durability,
    /// What the connection is set to.
    set_to: Durability,
    /// SQLite's number for what other connections wrote, as of the last transaction.
    version: Option<i64>,
    /// Units of the last two batches: about as many as there are callers, who are answered after one and
    /// come again for the next, or the next but one.
    last_batches: [usize; 2],
    witness: Box<dyn Witness>,
}

impl Writer {
    /// One that knows of no others yet.
    pub(super) fn new(
        connection: Connection,
        durability: Durability,
        witness: Box<dyn Witness>,
    ) -> Self {
        Self {
            connection,
            durability,
            set_to: durability,
            version: None,
            last_batches: [0; 2],
            witness,
        }
    }

    /// Works until the last who may ask has gone.
    pub(super) fn serve(mut self, waiting: &Receiver<Message>) {
        let mut batch = Vec::with_capacity(BATCH_LIMIT);
        while let Ok(first) = waiting.recv() {
            let mut restart = self.take(&mut batch, Some(first), waiting);
            for _ in 0..LINGERS {
                let here = batch.len();
                if restart || !waits(&batch) || !self.others_come_soon(here) {
                    break;
                }
                std::thread::sleep(LINGER);
                restart = self.take(&mut batch, None, waiting);
                if batch.len() == here {
                    break;
                }
            }
            if waits(&batch) {
                self.last_batches = [batch.len(), self.last_batches[0]];
            }
            if !batch.is_empty() {
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
        let mut restart = false;
        for message in waiting.take(QUEUE_LIMIT) {
            match message {
                Message::Unit(unit) => batch.push(unit),
                Message::Look(look) => look(&self.connection),
                Message::RestartLog => {
                    restart = true;
                    break;
                }
            }
            if batch.len() == BATCH_LIMIT {
                break;
            }
        }
        roll_back_if_open(&self.connection);
        restart
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
        self.begin(waits(batch)).map_err(Failed::ToBegin)?;
        let noticed = self.notice_others().map_err(Failed::Within);
        let connection = &self.connection;
        let done = noticed
            .and_then(|()| match savepoints {
                Savepoints::None => as_one(connection, batch),
                Savepoints::Each => apart(connection, batch).map_err(Failed::Within),
            })
            .and_then(|()| execute(connection, "COMMIT").map_err(Failed::Within));
        roll_back_if_open(connection);
        let stands = || self.version().is_ok_and(|now| self.version == Some(now));
        self.witness.ended(&|| !stands());
        done
    }

    /// Begins a transaction whose commit waits for the disk or not, as far as any does.
    fn begin(&mut self, waits: bool) -> rusqlite::Result<()> {
        let wanted = match self.durability {
            Durability::Full if !waits => Durability::Late,
            durability => durability,
        };
        if self.set_to != wanted {
            wanted.set(&self.connection)?;
            self.set_to = wanted;
        }
        execute(&self.connection, "BEGIN IMMEDIATE")
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

/// Whether the commit of a batch is to wait for the disk: then others had better share it.
fn waits(batch: &[Box<dyn Unit>]) -> bool {
    batch.iter().any(|unit| unit.is_durable())
}

fn as_one(connection: &Connection, batch: &mut [Box<dyn Unit>]) -> std::result::Result<(), Failed> {
    let transaction = Transaction::on(connection);
    for unit in batch {
        let before = transaction.changes();
        let keep = unit.work(&transaction).map_err(Failed::Within)?;
        if !keep && transaction.changes() != before {
            return Err(Failed::Undone);
        }
    }
    transaction.settle().map_err(Failed::Within)
}

fn apart(connection: &Connection, batch: &mut [Box<dyn Unit>]) -> rusqlite::Result<()> {
    for unit in batch {
        execute(connection, "SAVEPOINT unit")?;
        let transaction = Transaction::on(connection);
        if unit.work(&transaction)? {
            transaction.settle()?;
        } else {
            execute(connection, "ROLLBACK TO unit")?;
        }
        execute(connection, "RELEASE unit")?;
    }
    Ok(())
}

/// Begins what is only read in, where it is not begun.
pub(super) fn begun(connection: &Connection) -> rusqlite::Result<()> {
    if connection.is_autocommit() {
        execute(connection, "BEGIN")?;
    }
    Ok(())
}

/// After what failed, or only looked; some errors have rolled back already.
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
