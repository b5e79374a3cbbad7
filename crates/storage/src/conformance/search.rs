//! Searching by words. A story's texts stand in the record, which no engine reads.

use waybill_model::{
    OrganizationId, Tag, TrackingKey,
    search::{keyword_words, words},
};

use super::{
    Engine,
    fixtures::{apply, at, create, fresh, key, organization, sub_status, tracking, tracking_of},
};
use crate::{
    Append, Delete, Keyword, Put, SearchRow, Storage, TrackingFilter, TrackingRow, WriteSet,
};

fn with_words(row: TrackingRow, words: &str) -> TrackingRow {
    TrackingRow {
        record: words.to_owned(),
        ..row
    }
}

/// What creating or changing a tracking commits.
fn noted(mut set: WriteSet, tracking: TrackingKey) -> WriteSet {
    set.append.push(Append::Unsearchable(tracking));
    set
}

async fn add(storage: &dyn Storage, row: &TrackingRow) {
    apply(storage, noted(create(row), row.key)).await;
}

fn searched(row: &TrackingRow) -> SearchRow {
    SearchRow {
        organization: row.organization,
        tracking: row.key,
        revision: row.revision,
        words: words([row.record.as_str()]),
    }
}

async fn make_searchable(storage: &dyn Storage) -> usize {
    let mut made = 0;
    loop {
        let rows = storage.unsearchable(50).await.unwrap();
        if rows.is_empty() {
            return made;
        }
        made += rows.len();
        let rows = rows.iter().map(searched).collect();
        storage.make_searchable(rows).await.unwrap();
    }
}

fn filter(words: &str, number: Option<&str>) -> TrackingFilter {
    TrackingFilter {
        keyword: Some(Keyword {
            words: keyword_words(words).unwrap(),
            number: number.map(str::to_owned),
        }),
        ..TrackingFilter::default()
    }
}

/// All pages, which must agree with the count.
async fn find(
    storage: &dyn Storage,
    organization: OrganizationId,
    filter: &TrackingFilter,
    limit: usize,
) -> Vec<TrackingKey> {
    let (mut keys, mut before) = (Vec::new(), None);
    loop {
        let page = storage
            .trackings(organization, filter, before, limit, at(0))
            .await
            .unwrap();
        keys.extend(page.trackings.iter().map(|view| view.key));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let count = storage.count_trackings(organization, filter, at(0)).await;
    assert_eq!(count.unwrap(), keys.len() as u64, "{filter:?}");
    keys
}

async fn found(storage: &dyn Storage, words: &str) -> Vec<TrackingKey> {
    find(storage, organization(1), &filter(words, None), 50).await
}

pub async fn what_is_noted_is_made_searchable_once(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = with_words(tracking(1), "blue shoes");
    add(&*storage, &row).await;
    apply(&*storage, create(&with_words(tracking(2), "blue shirt"))).await;
    assert_eq!(found(&*storage, "blue").await, []);
    let waiting = storage.unsearchable(10).await.unwrap();
    assert_eq!(waiting, [TrackingRow { revision: 1, ..row }]);
    assert_eq!(make_searchable(&*storage).await, 1);
    assert_eq!(storage.unsearchable(10).await.unwrap(), []);
    for words in ["blue", "shoes", "sho", "shoes blue", "BLUE SHOES"] {
        assert_eq!(found(&*storage, words).await, [key(1)], "{words}");
    }
    for words in ["shirt", "sho blue", "blue shoes red", ""] {
        assert_eq!(found(&*storage, words).await, [], "{words}");
    }
}

pub async fn hits_come_newest_first_in_pages(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in 1..=300 {
        let words = if number % 3 == 0 {
            "red shoes"
        } else {
            "red hat"
        };
        let tag = if number % 2 == 0 {
            Tag::Delivered
        } else {
            Tag::Pending
        };
        let row = TrackingRow {
            tag,
            sub_status: sub_status(tag),
            ..with_words(tracking(number), words)
        };
        add(&*storage, &row).await;
    }
    assert_eq!(make_searchable(&*storage).await, 300);
    let all = filter("red shoes", None);
    let delivered = TrackingFilter {
        tags: vec![Tag::Delivered],
        ..all.clone()
    };
    let recent = TrackingFilter {
        created_at_min: Some(at(100)),
        ..all.clone()
    };
    let numbered = TrackingFilter {
        numbers: vec!["NUMBER3".to_owned(), "NUMBER4".to_owned()],
        ..all.clone()
    };
    for limit in [1, 7, 150] {
        for (filter, expected) in [
            (
                &all,
                (1..=300)
                    .rev()
                    .filter(|n| n % 3 == 0)
                    .map(key)
                    .collect::<Vec<_>>(),
            ),
            (
                &delivered,
                (1..=300).rev().filter(|n| n % 6 == 0).map(key).collect(),
            ),
            (
                &recent,
                (100..=300).rev().filter(|n| n % 3 == 0).map(key).collect(),
            ),
            (&numbered, vec![key(3)]),
        ] {
            assert_eq!(
                find(&*storage, organization(1), filter, limit).await,
                expected
            );
        }
    }
}

pub async fn words_of_another_revision_are_refused(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = with_words(tracking(1), "blue");
    add(&*storage, &row).await;
    let read = storage.unsearchable(1).await.unwrap();
    let changed = TrackingRow {
        revision: 1,
        ..with_words(row, "green")
    };
    let set = WriteSet::new(organization(1)).put(Put::Tracking(Box::new(changed)));
    apply(&*storage, noted(set, key(1))).await;
    storage
        .make_searchable(read.iter().map(searched).collect())
        .await
        .unwrap();
    assert_eq!(found(&*storage, "blue").await, []);
    assert_eq!(make_searchable(&*storage).await, 1);
    assert_eq!(found(&*storage, "green").await, [key(1)]);
}

pub async fn changed_words_replace_the_old(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let mut row = with_words(tracking(1), "one");
    add(&*storage, &row).await;
    let mut before = "one";
    for words in ["two", "three four", "one"] {
        make_searchable(&*storage).await;
        row = TrackingRow {
            revision: row.revision + 1,
            ..with_words(row, words)
        };
        let set = WriteSet::new(organization(1)).put(Put::Tracking(Box::new(row.clone())));
        apply(&*storage, noted(set, key(1))).await;
        assert_eq!(
            found(&*storage, before).await,
            [key(1)],
            "until it is made anew"
        );
        make_searchable(&*storage).await;
        assert_eq!(found(&*storage, before).await, [], "{before}");
        assert_eq!(found(&*storage, words).await, [key(1)], "{words}");
        before = words;
    }
}

pub async fn a_deleted_tracking_is_found_no_more(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let delete = |number| {
        let mut set = WriteSet::new(organization(1));
        set.delete.push(Delete::Tracking {
            key: key(number),
            revision: 1,
        });
        set
    };
    add(&*storage, &with_words(tracking(1), "shoes")).await;
    make_searchable(&*storage).await;
    add(&*storage, &with_words(tracking(2), "shoes")).await;
    let read = storage.unsearchable(1).await.unwrap();
    apply(&*storage, delete(2)).await;
    apply(&*storage, delete(1)).await;
    assert_eq!(storage.unsearchable(1).await.unwrap(), []);
    // Its words come too late.
    storage
        .make_searchable(read.iter().map(searched).collect())
        .await
        .unwrap();
    assert_eq!(found(&*storage, "shoes").await, []);
    // Whoever takes its place does not take its words.
    add(&*storage, &with_words(tracking(3), "hat")).await;
    assert_eq!(found(&*storage, "shoes").await, []);
    make_searchable(&*storage).await;
    assert_eq!(found(&*storage, "shoes").await, []);
    assert_eq!(found(&*storage, "hat").await, [key(3)]);
}

pub async fn a_whole_number_is_found_at_once(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in 1..=20 {
        add(
            &*storage,
            &with_words(tracking(number), &format!("number{number}")),
        )
        .await;
    }
    let organization = organization(1);
    let one = filter("NUMBER7", Some("NUMBER7"));
    assert_eq!(find(&*storage, organization, &one, 10).await, [key(7)]);
    make_searchable(&*storage).await;
    assert_eq!(find(&*storage, organization, &one, 10).await, [key(7)]);
    // It may be the beginning of others, too.
    let several = filter("NUMBER1", Some("NUMBER1"));
    let expected: Vec<_> = [19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1]
        .map(key)
        .to_vec();
    for limit in [1, 3, 50] {
        assert_eq!(
            find(&*storage, organization, &several, limit).await,
            expected
        );
    }
}

pub async fn another_organization_is_not_found(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    add(&*storage, &with_words(tracking(1), "shoes")).await;
    add(
        &*storage,
        &with_words(tracking_of(organization(2), 2), "shoes"),
    )
    .await;
    make_searchable(&*storage).await;
    for (own, expected) in [(1, key(1)), (2, key(2))] {
        let filter = filter("shoes", None);
        assert_eq!(
            find(&*storage, organization(own), &filter, 10).await,
            [expected]
        );
    }
    // Not even by the other's number.
    let theirs = filter("nothing", Some("NUMBER2"));
    let page = storage
        .trackings(organization(1), &theirs, None, 10, at(0))
        .await;
    assert_eq!(page.unwrap().trackings, []);
}
