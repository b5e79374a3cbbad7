//! What only an engine with one file can show: reopening it, sharing it, its size.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests end where the tests would"
)]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use waybill_model::{
    ClockFacts, CourierSlug, EventId, OrganizationId, SubStatus, Tag, TrackingKey, WebhookId,
};
use waybill_storage::{
    Commit, Conflict, Delete, EventKind, JobChange, Keyword, Name, NameRow, NewEvent, NewJob, Put,
    ResourceKind, ResourceRow, SearchRow, Storage, TrackingFilter, TrackingRow, WebhookRow,
    Webhooks, WriteSet,
};
use waybill_storage_sqlite::{OpenError, SqliteStorage};

const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

fn organization() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(1))
}

fn key(number: u64) -> TrackingKey {
    let millis = BEGINNING.as_millisecond() as u128 + u128::from(number);
    TrackingKey::from_uuid(Uuid::from_u128(
        millis << 80 | 7 << 76 | 2 << 62 | u128::from(number),
    ))
}

/// What creating a tracking commits: row, name, event, job.
fn create(number: u64) -> WriteSet {
    let at = BEGINNING + SignedDuration::from_millis(number as i64);
    let text = format!("NUMBER{number}");
    let row = TrackingRow {
        organization: organization(),
        key: key(number),
        revision: 0,
        own_id: None,
        number: text.clone(),
        slug: CourierSlug::parse("ups").unwrap(),
        tag: Tag::Pending,
        sub_status: SubStatus::PENDING_001,
        active: true,
        order_id: None,
        origin: None,
        destination: None,
        courier_destination: None,
        return_to_sender: false,
        shipment_tags: Vec::new(),
        created_at: at,
        updated_at: at,
        clock: ClockFacts::default(),
        document: "d".repeat(900).into(),
        record: "r".repeat(300),
    };
    let name = Name::Number {
        number: text,
        slug: "ups".to_owned(),
        discriminator: String::new(),
    };
    let mut set = WriteSet::new(organization())
        .put(Put::Tracking(Box::new(row)))
        .put(Put::Name(NameRow {
            name,
            tracking: key(number),
        }))
        .job(JobChange::Add(NewJob {
            kind: "poll",
            due_at: at,
            payload: number.to_string(),
        }));
    set.events.push(NewEvent {
        id: EventId::from_uuid(Uuid::from_u128(u128::from(number))),
        kind: EventKind::TrackingCreated,
        tracking: key(number),
        tag: None,
        at,
        body: "b".repeat(900),
        deliver_to: Vec::new(),
    });
    set
}

async fn apply(storage: &SqliteStorage, number: u64) {
    assert!(matches!(
        storage.commit(create(number)).await.unwrap(),
        Commit::Applied { .. }
    ));
}

async fn count(storage: &SqliteStorage) -> u64 {
    storage
        .count_trackings(organization(), &TrackingFilter::default(), BEGINNING)
        .await
        .unwrap()
}

// On a runtime of one thread, as all tests here.
#[tokio::test]
async fn acknowledged_sets_are_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    for round in 0..3 {
        let storage = SqliteStorage::open(&path).unwrap();
        assert_eq!(count(&storage).await, round * 20);
        for number in 0..20 {
            apply(&storage, round * 20 + number).await;
        }
        assert_eq!(
            storage
                .tracking(organization(), key(round))
                .await
                .unwrap()
                .unwrap()
                .revision,
            1
        );
    }
}

/// A copy of the files as a crash would leave them holds all that was acknowledged.
#[tokio::test]
async fn acknowledged_sets_are_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    let storage = SqliteStorage::open(&path).unwrap();
    for number in 0..20 {
        apply(&storage, number).await;
        let crashed = tempfile::tempdir().unwrap();
        for suffix in ["", "-wal"] {
            let name = format!("waybill.db{suffix}");
            std::fs::copy(folder.path().join(&name), crashed.path().join(&name)).unwrap();
        }
        let copy = SqliteStorage::open(&crashed.path().join("waybill.db")).unwrap();
        assert_eq!(count(&copy).await, number + 1);
        assert_eq!(
            copy.events_after(organization(), number, 10)
                .await
                .unwrap()
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn two_programs_write_one_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    let first = Arc::new(SqliteStorage::open(&path).unwrap());
    let second = Arc::new(SqliteStorage::open(&path).unwrap());
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let storage = if writer % 2 == 0 {
            first.clone()
        } else {
            second.clone()
        };
        writers.spawn(async move {
            for number in 0..50 {
                apply(&storage, writer * 50 + number).await;
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    for storage in [&first, &second] {
        assert_eq!(count(storage).await, 200);
        let events = storage
            .events_after(organization(), 0, 1_000)
            .await
            .unwrap();
        let sequences: Vec<_> = events.iter().map(|event| event.sequence).collect();
        assert_eq!(sequences, (1..=200).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn many_programs_may_start_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    let threads: Vec<_> = (0..6)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || SqliteStorage::open(&path).map(drop))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| SqliteStorage::open(path).err().unwrap();
    assert!(matches!(
        refused(&folder.path().join("no folder/waybill.db")),
        OpenError::Sqlite(_)
    ));
    let text = folder.path().join("text");
    std::fs::write(
        &text,
        "this is no database, but a text that is long enough to be taken for one",
    )
    .unwrap();
    assert!(matches!(refused(&text), OpenError::Sqlite(_)));
}

#[tokio::test]
async fn a_database_of_another_program_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.db");
    let theirs = rusqlite::Connection::open(&path).unwrap();
    theirs.execute_batch("CREATE TABLE theirs (a)").unwrap();
    drop(theirs);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(
        SqliteStorage::open(&path).err().unwrap(),
        OpenError::Foreign
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_backup_never_replaces_its_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    let storage = SqliteStorage::open(&path).unwrap();
    apply(&storage, 1).await;
    assert!(storage.backup(&path).await.is_err());
    apply(&storage, 2).await;
    assert_eq!(count(&storage).await, 2);

    // An older backup is replaced.
    let copy = folder.path().join("copy.db");
    storage.backup(&copy).await.unwrap();
    apply(&storage, 3).await;
    storage.backup(&copy).await.unwrap();
    assert_eq!(count(&SqliteStorage::open(&copy).unwrap()).await, 3);
}

/// Information, not a condition: what a durable create of some 2 KB costs in writes.
#[tokio::test]
async fn bytes_written_per_create() {
    const CREATES: u64 = 2_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    let storage = Arc::new(SqliteStorage::open(&path).unwrap());
    let before = written_bytes();
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..CREATES {
        let storage = storage.clone();
        writers.spawn(async move { apply(&storage, number).await });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    let (log, process) = (
        std::fs::metadata(folder.path().join("waybill.db-wal")).map_or(0, |log| log.len()),
        written_bytes() - before,
    );
    println!(
        "bytes per create: {} in the log, {} written by the process",
        log / CREATES,
        process / CREATES
    );
}

fn written_bytes() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = io.lines().find_map(|line| line.strip_prefix("wchar: "));
    line.and_then(|count| count.parse().ok())
        .unwrap_or_default()
}

fn webhook(number: u128) -> Put {
    Put::Webhook(Box::new(WebhookRow {
        organization: organization(),
        id: WebhookId::from_uuid(Uuid::from_u128(number)),
        revision: 0,
        document: "{}".to_owned(),
        last_success_at: None,
        failing_since: None,
    }))
}

#[tokio::test]
async fn what_was_decided_by_webhooks_that_another_process_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    let ours = SqliteStorage::open(&path).unwrap();
    let theirs = SqliteStorage::open(&path).unwrap();
    apply(&ours, 1).await;
    // What is asked again is remembered, also over commits of this process.
    let none = ours.receivers(organization()).await.unwrap();
    apply(&ours, 2).await;
    let still = ours.receivers(organization()).await.unwrap();
    assert!(Arc::ptr_eq(&none, &still));
    let decided_by = |number, webhooks: &Webhooks| WriteSet {
        webhooks: Some(webhooks.clone()),
        ..create(number)
    };
    let commit = ours.commit(decided_by(3, &none)).await.unwrap();
    assert!(matches!(commit, Commit::Applied { .. }));

    // What else they write is no reason.
    apply(&theirs, 100).await;
    let commit = ours.commit(decided_by(5, &none)).await.unwrap();
    assert!(matches!(commit, Commit::Applied { .. }));

    let set = WriteSet::new(organization()).put(webhook(1));
    theirs.commit(set).await.unwrap();
    assert_eq!(
        ours.commit(decided_by(4, &none)).await.unwrap(),
        Commit::Conflict(Conflict::Changed)
    );
    let one = ours.receivers(organization()).await.unwrap();
    assert_eq!(one.len(), 1);
    let commit = ours.commit(decided_by(4, &one)).await.unwrap();
    assert!(matches!(commit, Commit::Applied { .. }));
}

#[tokio::test]
async fn a_webhook_of_this_process_is_known_when_it_is_answered() {
    let storage = SqliteStorage::open_in_memory().unwrap();
    assert_eq!(storage.receivers(organization()).await.unwrap().len(), 0);
    for number in 1..4 {
        let set = WriteSet::new(organization()).put(webhook(number as u128));
        storage.commit(set).await.unwrap();
        let known = storage.receivers(organization()).await.unwrap();
        assert_eq!(known.len(), number);
    }
    let id = WebhookId::from_uuid(Uuid::from_u128(1));
    let mut set = WriteSet::new(organization());
    set.delete.push(Delete::Webhook(id));
    storage.commit(set).await.unwrap();
    assert_eq!(storage.receivers(organization()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_webhook_whose_maker_went_away_is_known_all_the_same() {
    let storage = SqliteStorage::open_in_memory().unwrap();
    let none = storage.receivers(organization()).await.unwrap();
    let mut making = storage.commit(WriteSet::new(organization()).put(webhook(1)));
    tokio::select! {
        biased;
        _ = &mut making => {}
        () = std::future::ready(()) => {}
    }
    drop(making);
    storage.flush().await.unwrap();
    let decided_before = WriteSet {
        webhooks: Some(none),
        ..create(1)
    };
    assert_eq!(
        storage.commit(decided_before).await.unwrap(),
        Commit::Conflict(Conflict::Changed)
    );
    assert_eq!(storage.receivers(organization()).await.unwrap().len(), 1);
}

/// The change of a tracking that was made by [`create`], and changed as often as its revision says.
fn change(number: u64, revision: u64) -> WriteSet {
    let mut set = WriteSet::new(organization());
    for put in create(number).put {
        if let Put::Tracking(row) = put {
            set = set.put(Put::Tracking(Box::new(TrackingRow {
                revision,
                document: revision.to_string().into(),
                ..*row
            })));
        }
    }
    set
}

/// Which of its changes a GET shows.
async fn seen(storage: &SqliteStorage, number: u64) -> u64 {
    let view = storage.tracking_view(organization(), key(number)).await;
    view.unwrap().unwrap().document.parse().unwrap_or_default()
}

/// Which of its changes a list shows.
async fn seen_in_list(storage: &SqliteStorage) -> u64 {
    let filter = TrackingFilter::default();
    let page = storage.trackings(organization(), &filter, None, 10, BEGINNING);
    let document = &page.await.unwrap().trackings[0].document;
    document.parse().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gets_and_lists_show_every_change_that_was_answered_whoever_made_it() {
    const CHANGES: u64 = 400;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    let ours = Arc::new(SqliteStorage::open(&path).unwrap());
    let theirs = SqliteStorage::open(&path).unwrap();
    apply(&ours, 1).await;
    let answered = Arc::new(AtomicU64::new(0));
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let (ours, answered) = (ours.clone(), answered.clone());
        readers.spawn(async move {
            let mut last = 0;
            while last < CHANGES {
                let promised = answered.load(Ordering::SeqCst).max(last);
                last = if last % 2 == 0 {
                    seen(&ours, 1).await
                } else {
                    seen_in_list(&ours).await
                };
                assert!(last >= promised, "{last} after {promised}");
                tokio::task::yield_now().await;
            }
        });
    }
    for revision in 1..=CHANGES {
        let writer = if revision % 7 == 0 { &theirs } else { &*ours };
        let commit = writer.commit(change(1, revision)).await.unwrap();
        assert!(matches!(commit, Commit::Applied { .. }), "{revision}");
        answered.store(revision, Ordering::SeqCst);
        assert_eq!(seen(&ours, 1).await, revision);
    }
    while let Some(ended) = readers.join_next().await {
        ended.unwrap();
    }
}

/// Gives a tracking a word, and looks for it twice: what a list finds by its word the second time.
async fn found_by_its_word(storage: &SqliteStorage, number: u64) -> Vec<TrackingKey> {
    let words = vec!["parcel".to_owned()];
    let row = SearchRow {
        organization: organization(),
        tracking: key(number),
        revision: 1,
        words: words.clone(),
    };
    storage.make_searchable(vec![row]).await.unwrap();
    let filter = TrackingFilter {
        keyword: Some(Keyword {
            words,
            number: None,
        }),
        ..TrackingFilter::default()
    };
    let find = async || {
        let page = storage.trackings(organization(), &filter, None, 10, BEGINNING);
        let found = page.await.unwrap().trackings;
        found.into_iter().map(|view| view.key).collect()
    };
    let first: Vec<TrackingKey> = find().await;
    let second = find().await;
    assert_eq!(first, second);
    second
}

#[tokio::test]
async fn who_takes_the_row_of_another_is_found_by_its_words_in_its_place() {
    let storage = SqliteStorage::open_in_memory().unwrap();
    for number in 1..5 {
        apply(&storage, number).await;
        assert_eq!(found_by_its_word(&storage, number).await, [key(number)]);
        let mut set = WriteSet::new(organization());
        set.delete.push(Delete::Tracking {
            key: key(number),
            revision: 1,
        });
        storage.commit(set).await.unwrap();
    }
}

fn activation(revision: u64) -> WriteSet {
    WriteSet::new(organization()).put(Put::Resource(Box::new(ResourceRow {
        organization: organization(),
        kind: ResourceKind::CourierActivation,
        id: ResourceRow::ONLY,
        revision,
        name: String::new(),
        document: revision.to_string(),
    })))
}

#[tokio::test]
async fn a_resource_is_known_as_it_was_answered_whoever_wrote_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waybill.db");
    let ours = SqliteStorage::open(&path).unwrap();
    let theirs = SqliteStorage::open(&path).unwrap();
    let read = async || {
        let kind = ResourceKind::CourierActivation;
        let found = ours.resource(organization(), kind, ResourceRow::ONLY).await;
        found.unwrap().map(|row| row.document)
    };
    apply(&ours, 1).await;
    assert_eq!(read().await, None);
    for revision in 0..10 {
        let writer = if revision % 3 == 0 { &theirs } else { &ours };
        let commit = writer.commit(activation(revision)).await.unwrap();
        assert!(matches!(commit, Commit::Applied { .. }), "{revision}");
        assert_eq!(read().await, Some(revision.to_string()));
        apply(&ours, revision + 2).await;
        assert_eq!(read().await, Some(revision.to_string()));
    }
    let mut set = WriteSet::new(organization());
    let kind = ResourceKind::CourierActivation;
    set.delete.push(Delete::Resource(kind, ResourceRow::ONLY));
    ours.commit(set).await.unwrap();
    assert_eq!(read().await, None);
}
