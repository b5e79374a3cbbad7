//! What becomes of batches in which something goes wrong.

use super::*;
use crate::connection::open_writer;

type Written = std::result::Result<i64, Unavailable>;

struct Nobody;

impl Witness for Nobody {
    fn begun(&self, _: bool) {}
    fn ended(&self, _: &dyn Fn() -> bool) {}
}

fn committer(folder: &tempfile::TempDir) -> Committer {
    committer_for(folder, Durability::None)
}

fn committer_for(folder: &tempfile::TempDir, durability: Durability) -> Committer {
    let connection = open_writer(&folder.path().join("test.db"), durability).unwrap();
    connection
        .execute_batch("CREATE TABLE notes (number INTEGER PRIMARY KEY, text BLOB)")
        .unwrap();
    Committer::start(connection, durability, Nobody).unwrap()
}

fn insert(connection: &Connection, number: i64) -> rusqlite::Result<i64> {
    connection.execute("INSERT INTO notes (number) VALUES (?1)", [number])?;
    Ok(number)
}

async fn count(committer: &Committer) -> i64 {
    let count = |transaction: &Transaction<'_>| {
        let count = transaction.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))?;
        Ok(Verdict::Keep(count))
    };
    committer.write(count).await.unwrap()
}

/// Holds the thread, from now until the sender is dropped, so that what comes now is one batch.
fn hold(committer: &Committer) -> std::sync::mpsc::Sender<()> {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (begun, begins) = std::sync::mpsc::channel();
    committer
        .note(move |_| {
            let _ = begun.send(());
            // Ends with an error when the sender is gone: that is the sign.
            let _ = held.recv();
            Ok(Verdict::Keep(()))
        })
        .unwrap();
    begins.recv().unwrap();
    release
}

/// Submits all at once; the third of each ten is bad by this work.
async fn batch(
    committer: &Committer,
    bad: fn(&Transaction<'_>, i64) -> rusqlite::Result<Verdict<i64>>,
) -> Vec<Written> {
    let release = hold(committer);
    let writes = (0..100).map(|number| {
        committer.write(move |connection| {
            if number % 10 == 3 {
                bad(connection, number)
            } else {
                insert(connection, number).map(Verdict::Keep)
            }
        })
    });
    let mut writes: Vec<_> = writes.map(Box::pin).collect();
    // The first poll submits.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for write in &mut writes {
        assert!(write.as_mut().poll(&mut context).is_pending());
    }
    drop(release);
    let mut written = Vec::new();
    for write in writes {
        written.push(write.await);
    }
    written
}

/// What its transaction waits for: SQLite's number for `synchronous`.
fn synchronous(transaction: &Transaction<'_>) -> rusqlite::Result<Verdict<i64>> {
    let number = transaction.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    Ok(Verdict::Keep(number))
}

#[tokio::test]
async fn only_who_must_last_waits_for_the_disk() {
    const OFF: i64 = 0;
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;
    for (durability, late, full) in [
        (Durability::Full, NORMAL, FULL),
        (Durability::None, OFF, OFF),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let committer = committer_for(&folder, durability);
        for _ in 0..2 {
            assert_eq!(committer.write_lightly(synchronous).await.unwrap(), late);
            assert_eq!(committer.write(synchronous).await.unwrap(), full);
        }
        let release = hold(&committer);
        let mut together = Box::pin(committer.write_lightly(synchronous));
        let mut durable = Box::pin(committer.write(synchronous));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(together.as_mut().poll(&mut context).is_pending());
        assert!(durable.as_mut().poll(&mut context).is_pending());
        drop(release);
        let (together, durable) = tokio::join!(together, durable);
        assert_eq!((together.unwrap(), durable.unwrap()), (full, full));
    }
}

#[tokio::test]
async fn units_that_take_themselves_back_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let committer = committer(&folder);
    let undo =
        |transaction: &Transaction<'_>, number| Ok(Verdict::Undo(-insert(transaction, number)?));
    let written = batch(&committer, undo).await;
    for (number, written) in (0..).zip(written) {
        assert_eq!(
            written.unwrap(),
            if number % 10 == 3 { -number } else { number }
        );
    }
    assert_eq!(count(&committer).await, 90);
}

#[tokio::test]
async fn a_bad_unit_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let committer = committer(&folder);
    let fail = |transaction: &Transaction<'_>, number| {
        insert(transaction, number)?;
        transaction.execute("INSERT INTO nothing VALUES (1)", [])?;
        Ok(Verdict::Keep(number))
    };
    let written = batch(&committer, fail).await;
    for (number, written) in (0..).zip(written) {
        assert_eq!(written.is_err(), number % 10 == 3);
    }
    assert_eq!(count(&committer).await, 90);
}

#[tokio::test]
async fn a_full_queue_says_so_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let committer = committer(&folder);
    let release = hold(&committer);
    let mut accepted = 0;
    while committer
        .note(move |connection| insert(connection, accepted).map(|_| Verdict::Keep(())))
        .is_ok()
    {
        accepted += 1;
        assert!(accepted <= QUEUE_LIMIT as i64, "the queue has no end");
    }
    let refused = committer
        .write(|_| Ok(Verdict::Keep(())))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("wait already"), "{refused}");
    drop(release);
    committer.flush().await.unwrap();
    assert_eq!(count(&committer).await, accepted);
}

#[tokio::test]
async fn a_full_disk_heals_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let committer = committer(&folder);
    let limit = |pages: i64| {
        move |transaction: &Transaction<'_>| {
            transaction.pragma_update(None, "max_page_count", pages)?;
            Ok(Verdict::Keep(()))
        }
    };
    let fill = |transaction: &Transaction<'_>| {
        transaction.execute("INSERT INTO notes (text) VALUES (zeroblob(1000000))", [])?;
        Ok(Verdict::Keep(()))
    };
    committer.write(limit(20)).await.unwrap();
    assert!(committer.write(fill).await.is_err());
    assert!(committer.write(fill).await.is_err());
    // Reads go on, and small writes while there is room.
    let readers = crate::readers::Readers::new(&path);
    let read = || {
        readers.read(|connection| {
            connection.query_row("SELECT count(*) FROM notes", [], |row| row.get::<_, i64>(0))
        })
    };
    assert_eq!(read().unwrap(), 0);
    committer
        .write(|connection| insert(connection, 1).map(Verdict::Keep))
        .await
        .unwrap();
    committer.write(limit(100_000)).await.unwrap();
    committer.write(fill).await.unwrap();
    assert_eq!(read().unwrap(), 2);
}

#[test]
fn what_was_submitted_is_committed_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let committer = committer(&folder);
    let release = hold(&committer);
    for number in 0..500 {
        committer
            .note(move |connection| insert(connection, number).map(|_| Verdict::Keep(())))
            .unwrap();
    }
    drop(release);
    drop(committer);
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    let count: i64 = connection
        .query_row("SELECT count(*) FROM notes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 500);
}

#[tokio::test]
async fn a_look_sees_what_is_committed_and_not_what_is_about_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let committer = committer(&folder);
    let seen = |connection: &Connection| {
        connection.query_row("SELECT count(*) FROM notes", [], |row| row.get::<_, i64>(0))
    };
    let release = hold(&committer);
    let mut write =
        Box::pin(committer.write(|connection| insert(connection, 1).map(Verdict::Keep)));
    let mut look = Box::pin(committer.look(seen));
    let mut look_together = Box::pin(committer.look(seen));
    // The first poll submits.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(write.as_mut().poll(&mut context).is_pending());
    assert!(look.as_mut().poll(&mut context).is_pending());
    assert!(look_together.as_mut().poll(&mut context).is_pending());
    drop(release);
    assert_eq!(look.await.unwrap(), 0);
    assert_eq!(look_together.await.unwrap(), 0);
    write.await.unwrap();
    assert_eq!(committer.look(seen).await.unwrap(), 1);
}

#[tokio::test]
async fn a_look_that_fails_leaves_the_thread_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let committer = committer(&folder);
    let nonsense = |connection: &Connection| connection.execute("SELECT * FROM nothing", []);
    assert!(committer.look(nonsense).await.is_err());
    let leaves_open = |connection: &Connection| connection.execute_batch("COMMIT; BEGIN; BEGIN");
    assert!(committer.look(leaves_open).await.is_err());
    assert_eq!(
        committer
            .write(|connection| insert(connection, 1).map(Verdict::Keep))
            .await
            .unwrap(),
        1
    );
}
