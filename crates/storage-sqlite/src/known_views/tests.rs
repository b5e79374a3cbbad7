//! When a view is read again.

use std::cell::Cell;

use rusqlite::Connection;
use uuid::Uuid;

use super::*;
use crate::connection::{Durability, open_writer};

/// A database whose rows do not matter, and what is known of it.
struct Database {
    folder: tempfile::TempDir,
    ours: Connection,
    accounted: Arc<Accounted>,
    views: KnownViews,
    reads: Cell<usize>,
}

impl Database {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ours = open(&folder);
        ours.execute_batch("CREATE TABLE notes (text TEXT)")
            .unwrap();
        let accounted = Arc::new(Accounted::of(&folder.path().join("test.db")));
        let database = Self {
            folder,
            ours,
            views: KnownViews::new(accounted.clone()),
            accounted,
            reads: Cell::new(0),
        };
        database.commit(true, &WriteSet::new(organization(1)));
        database
    }

    /// What the committer does.
    fn commit(&self, others_wrote: bool, set: &WriteSet) {
        self.ours.execute_batch("BEGIN IMMEDIATE").unwrap();
        self.accounted.begin(others_wrote);
        self.views.change(set);
        note(&self.ours);
        self.ours.execute_batch("COMMIT").unwrap();
        self.accounted.end(|| false, || self.views.end());
    }

    /// How often a GET had to read by now.
    fn reads_after_get(&self, owner: u128, key: TrackingKey) -> usize {
        let read = || {
            self.reads.set(self.reads.get() + 1);
            Ok((owner == 1).then(view))
        };
        let found = self.views.find(organization(owner), key, read).unwrap();
        assert_eq!(found.is_some(), owner == 1);
        self.reads.get()
    }
}

impl Database {
    /// How often a list of two had to read by now; `meanwhile` happens after it has begun.
    fn reads_after_list(&self, before: Option<Count>, meanwhile: impl Fn()) -> usize {
        let entries = [1, 2].map(|number| (key(number).as_uuid().into_bytes(), None));
        let read = |_: &Found| {
            self.reads.set(self.reads.get() + 1);
            meanwhile();
            Ok(Some(view()))
        };
        let found = self
            .views
            .find_all(organization(1), before, &entries, read)
            .unwrap();
        assert_eq!(
            found.iter().map(|(key, _)| *key).collect::<Vec<_>>(),
            [key(1), key(2)]
        );
        self.reads.get()
    }
}

fn open(folder: &tempfile::TempDir) -> Connection {
    open_writer(&folder.path().join("test.db"), Durability::None).unwrap()
}

fn view() -> StoredView {
    StoredView {
        document: StoredText::new(*b"a document", false),
        clock: ClockFacts::default(),
        tracked_count: 0,
    }
}

fn note(connection: &Connection) {
    connection
        .execute("INSERT INTO notes (text) VALUES ('a note')", [])
        .unwrap();
}

fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

fn key(number: u128) -> TrackingKey {
    TrackingKey::from_uuid(Uuid::from_u128(number))
}

fn deletion(number: u128) -> WriteSet {
    let mut set = WriteSet::new(organization(1));
    set.delete.push(Delete::Tracking {
        key: key(number),
        revision: 1,
    });
    set
}

#[test]
fn what_is_known_is_not_read_again() {
    let database = Database::new();
    assert_eq!(database.reads_after_get(1, key(1)), 1);
    assert_eq!(database.reads_after_get(1, key(1)), 1);
    assert_eq!(database.reads_after_get(1, key(2)), 2);
    // It is nobody else's.
    assert_eq!(database.reads_after_get(2, key(1)), 3);
}

#[test]
fn what_this_process_changes_is_read_once() {
    let database = Database::new();
    database.reads_after_get(1, key(1));
    database.reads_after_get(1, key(2));
    database.commit(false, &deletion(1));
    assert_eq!(database.reads_after_get(1, key(1)), 3);
    assert_eq!(database.reads_after_get(1, key(1)), 3);
    assert_eq!(database.reads_after_get(1, key(2)), 3);
    // A poll is of its tracking alone.
    let mut other = WriteSet::new(organization(1));
    other.delete.push(Delete::Poll {
        tracking: key(3),
        leg: 0,
    });
    database.commit(false, &other);
    assert_eq!(database.reads_after_get(1, key(2)), 3);
}

#[test]
fn between_a_commit_and_its_end_all_is_read() {
    let database = Database::new();
    database.reads_after_get(1, key(1));
    database.ours.execute_batch("BEGIN IMMEDIATE").unwrap();
    database.accounted.begin(false);
    database.views.change(&deletion(1));
    note(&database.ours);
    assert_eq!(database.reads_after_get(1, key(1)), 1);
    database.ours.execute_batch("COMMIT").unwrap();
    assert_eq!(database.reads_after_get(1, key(1)), 2);
    database.accounted.end(|| false, || database.views.end());
    // What was read before the end might have been read before the commit.
    assert_eq!(database.reads_after_get(1, key(1)), 3);
    assert_eq!(database.reads_after_get(1, key(1)), 3);
}

#[test]
fn what_others_write_is_not_missed() {
    let database = Database::new();
    let theirs = open(&database.folder);
    database.reads_after_get(1, key(1));
    note(&theirs);
    assert_eq!(database.reads_after_get(1, key(1)), 2);
    assert_eq!(database.reads_after_get(1, key(1)), 3);
    // Once it is known what there is to know, all is as before.
    database.commit(true, &WriteSet::new(organization(1)));
    assert_eq!(database.reads_after_get(1, key(1)), 4);
    assert_eq!(database.reads_after_get(1, key(1)), 4);
}

#[test]
fn what_others_write_right_after_a_commit_is_not_missed() {
    let database = Database::new();
    let theirs = open(&database.folder);
    database.reads_after_get(1, key(1));
    database.ours.execute_batch("BEGIN IMMEDIATE").unwrap();
    database.accounted.begin(false);
    note(&database.ours);
    database.ours.execute_batch("COMMIT").unwrap();
    note(&theirs);
    database.accounted.end(|| true, || database.views.end());
    assert_eq!(database.reads_after_get(1, key(1)), 2);
}

#[test]
fn without_a_count_all_is_read() {
    let mut database = Database::new();
    database.accounted = Arc::new(Accounted::of(&database.folder.path().join("other.db")));
    database.views = KnownViews::new(database.accounted.clone());
    database.commit(true, &WriteSet::new(organization(1)));
    assert_eq!(database.reads_after_get(1, key(1)), 1);
    assert_eq!(database.reads_after_get(1, key(1)), 2);
}

#[test]
fn lists_and_gets_know_what_the_other_read() {
    let database = Database::new();
    let now = database.accounted.now();
    assert_eq!(database.reads_after_get(1, key(1)), 1);
    assert_eq!(database.reads_after_list(now, || {}), 2);
    assert_eq!(database.reads_after_list(now, || {}), 2);
    assert_eq!(database.reads_after_get(1, key(2)), 2);
}

#[test]
fn a_list_takes_what_is_known_only_as_of_its_snapshot() {
    let database = Database::new();
    let now = database.accounted.now();
    database.reads_after_get(1, key(1));
    // It may have begun before this commit.
    database.commit(false, &deletion(3));
    assert_eq!(database.reads_after_list(now, || {}), 3);
    assert_eq!(database.reads_after_list(None, || {}), 5);
    // Nor is what it read kept, when there was a commit while it did.
    let now = database.accounted.now();
    let commit = || database.commit(false, &deletion(3));
    assert_eq!(database.reads_after_list(now, commit), 7);
    assert_eq!(database.reads_after_get(1, key(2)), 8);
}

impl Database {
    /// Which tracking a list learns to stand in a row without a look, where it may be used until `meanwhile` is over.
    fn known_at(&self, owner: u128, row: i64, meanwhile: impl Fn()) -> Option<TrackingKey> {
        let look = |known: &dyn Fn(i64) -> Option<Bytes>| {
            let key = known(row);
            meanwhile();
            Ok(key)
        };
        let before = self.accounted.now();
        let known = self
            .views
            .with_known(organization(owner), before, look)
            .unwrap();
        known.map(|key| TrackingKey::from_uuid(Uuid::from_bytes(key)))
    }

    /// A list finds a tracking in a row.
    fn find_in_list(&self, number: u128, row: i64) {
        let found = [(key(number).as_uuid().into_bytes(), Some(row))];
        let before = self.accounted.now();
        let read = |_: &Found| Ok(Some(view()));
        self.views
            .find_all(organization(1), before, &found, read)
            .unwrap();
    }
}

#[test]
fn a_row_is_known_while_its_tracking_is_as_it_was() {
    let database = Database::new();
    let nothing = || {};
    assert_eq!(database.known_at(1, 7, nothing), None);
    database.find_in_list(1, 7);
    assert_eq!(database.known_at(1, 7, nothing), Some(key(1)));
    // It is nobody else's.
    assert_eq!(database.known_at(2, 7, nothing), None);
    // What another program did in the meantime is not known.
    let others = open(&database.folder);
    assert_eq!(database.known_at(1, 7, || note(&others)), None);
    database.commit(true, &WriteSet::new(organization(1)));
    assert_eq!(database.known_at(1, 7, nothing), None);

    database.find_in_list(1, 7);
    database.commit(false, &deletion(1));
    assert_eq!(database.known_at(1, 7, nothing), None);
    database.find_in_list(2, 7);
    assert_eq!(database.known_at(1, 7, nothing), Some(key(2)));
}
