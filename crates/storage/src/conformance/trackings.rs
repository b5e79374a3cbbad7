//! Trackings: rows, revisions, views.

use jiff::civil::date;
use waybill_model::{ClockFacts, CountryCode, OwnId, Promise, SubStatus, Tag, TrackingKey};

use super::{
    Engine,
    fixtures::{
        apply, at, attempt_of, create, fresh, key, millis_after, organization, poll_of, refuse,
        slug, tracking,
    },
};
use crate::{
    Append, Conflict, Delete, Document, NameQuery, Put, Storage, TrackingFilter, TrackingRow,
    WriteSet,
};

/// A row with something in every field, also what databases are bad at.
fn full_row() -> TrackingRow {
    let promise = Promise {
        min: date(2026, 1, 5),
        max: date(2026, 1, 7),
    };
    TrackingRow {
        own_id: OwnId::parse("Own_id-1"),
        number: "1Z/9.9-_".to_owned(),
        slug: slug("dhl-germany"),
        tag: Tag::Delivered,
        sub_status: SubStatus::parse("Delivered_002").unwrap(),
        active: false,
        order_id: Some("#1001 'quoted\" ☃".to_owned()),
        origin: CountryCode::parse("DEU"),
        destination: CountryCode::parse("USA"),
        courier_destination: CountryCode::parse("CAN"),
        return_to_sender: true,
        shipment_tags: vec!["a,b".to_owned(), String::new(), "ü".to_owned()],
        updated_at: millis_after(20, 345),
        clock: ClockFacts {
            pickup_day: Some(date(2026, 1, 2)),
            latest_promise: Some(promise),
            ..ClockFacts::default()
        },
        document: format!("{{\"text\":\"{}\"}}", "long ☃ ".repeat(2_000)).into(),
        record: "r".repeat(100_000),
        ..tracking(1)
    }
}

pub async fn a_row_comes_back_as_it_was_written(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = full_row();
    apply(&*storage, create(&row)).await;
    let stored = storage
        .tracking(row.organization, row.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored, TrackingRow { revision: 1, ..row });
    let plain = tracking(2);
    apply(&*storage, create(&plain)).await;
    let stored = storage
        .tracking(plain.organization, plain.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stored,
        TrackingRow {
            revision: 1,
            ..plain
        }
    );
    assert_eq!(
        storage.tracking(organization(1), key(3)).await.unwrap(),
        None
    );
}

pub async fn a_revision_is_written_once(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    apply(&*storage, create(&tracking(1))).await;
    let put = |row: &TrackingRow| {
        WriteSet::new(row.organization).put(Put::Tracking(Box::new(row.clone())))
    };

    // Made twice, or changed without being there.
    assert_eq!(
        refuse(&*storage, put(&tracking(1))).await,
        Conflict::Changed
    );
    assert_eq!(
        refuse(
            &*storage,
            put(&TrackingRow {
                revision: 1,
                ..tracking(2)
            })
        )
        .await,
        Conflict::Changed
    );

    // Changed once, with and without what lists are led by.
    let second = TrackingRow {
        revision: 1,
        document: Document::from("second".to_owned()),
        ..tracking(1)
    };
    apply(&*storage, put(&second)).await;
    assert_eq!(refuse(&*storage, put(&second)).await, Conflict::Changed);
    let third = TrackingRow {
        revision: 2,
        slug: slug("fedex"),
        tag: Tag::InTransit,
        order_id: Some("1".to_owned()),
        number: "OTHER".to_owned(),
        ..second
    };
    apply(&*storage, put(&third)).await;
    let stored = storage
        .tracking(third.organization, third.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stored,
        TrackingRow {
            revision: 3,
            ..third
        }
    );
}

pub async fn a_deleted_tracking_leaves_nothing(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = tracking(1);
    apply(&*storage, create(&row)).await;
    let mut attempt = WriteSet::new(row.organization);
    attempt
        .append
        .push(Append::PollAttempt(attempt_of(&row, 0, 5)));
    apply(&*storage, attempt).await;

    let delete = |revision| {
        let mut set = WriteSet::new(row.organization);
        set.delete.push(Delete::Tracking {
            key: row.key,
            revision,
        });
        set
    };
    assert_eq!(refuse(&*storage, delete(2)).await, Conflict::Changed);
    apply(&*storage, delete(1)).await;
    assert_eq!(refuse(&*storage, delete(1)).await, Conflict::Changed);
    assert_is_gone(&*storage, &row).await;

    // Its key and name are free; nothing of the old one comes back with them.
    apply(&*storage, create(&row)).await;
    assert_eq!(
        storage
            .poll_attempts(row.organization, row.key, 10)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        storage
            .polls(row.organization, row.key)
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn assert_is_gone(storage: &dyn Storage, row: &TrackingRow) {
    let name = NameQuery::Number {
        number: row.number.clone(),
        slug: None,
        discriminator: None,
    };
    assert_eq!(
        storage.tracking(row.organization, row.key).await.unwrap(),
        None
    );
    assert_eq!(
        storage
            .tracking_view(row.organization, row.key)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        storage.names_of(row.organization, row.key).await.unwrap(),
        []
    );
    assert_eq!(
        storage
            .trackings_named(row.organization, &name)
            .await
            .unwrap(),
        []
    );
    assert_eq!(storage.polls(row.organization, row.key).await.unwrap(), []);
    assert_eq!(
        storage
            .poll_attempts(row.organization, row.key, 10)
            .await
            .unwrap(),
        []
    );
    let all = TrackingFilter::default();
    let page = storage
        .trackings(row.organization, &all, None, 10, at(0))
        .await
        .unwrap();
    assert_eq!((page.trackings, page.next), (Vec::new(), None));
    assert_eq!(
        storage
            .count_trackings(row.organization, &all, at(0))
            .await
            .unwrap(),
        0
    );
}

pub async fn a_view_counts_the_polls_of_all_legs(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = full_row();
    apply(&*storage, create(&row)).await;
    let view = storage
        .tracking_view(row.organization, row.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((view.tracked_count, view.key), (0, row.key));
    assert_eq!(
        (Document::from(view.document), view.clock),
        (row.document.clone(), row.clock.clone())
    );

    let mut first = poll_of(&row, 0);
    (first.revision, first.tracked_count) = (1, 3);
    let mut second = poll_of(&row, 1);
    second.tracked_count = 4;
    // Another tracking's polls do not count.
    let mut other = create(&tracking(2));
    if let Some(Put::Poll(poll)) = other.put.last_mut() {
        poll.tracked_count = 100;
    }
    apply(&*storage, other).await;
    apply(
        &*storage,
        WriteSet::new(row.organization)
            .put(Put::Poll(first))
            .put(Put::Poll(second)),
    )
    .await;
    let view = storage
        .tracking_view(row.organization, row.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(view.tracked_count, 7);
}

pub async fn a_legacy_id_is_a_range_of_keys(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = tracking(1);
    apply(&*storage, create(&row)).await;
    apply(&*storage, create(&tracking(2))).await;
    let (from, to) = TrackingKey::prefix_range(&row.key.legacy_id()).unwrap();
    let found = storage
        .tracking_key_in_range(organization(1), from, to)
        .await
        .unwrap();
    assert_eq!(found, Some(row.key));
    let found = storage
        .tracking_key_in_range(organization(1), key(3), key(9))
        .await
        .unwrap();
    assert_eq!(found, None);
}
