//! Daily budgets and rhythms.

use tokio::task::JoinSet;
use waybill_model::CourierSlug;

use super::{Engine, fixtures::fresh};
use crate::{RhythmRow, SpentRow};

pub async fn a_budget_is_never_exceeded(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let spend = |name: &'static str, day, count, limit| {
        let storage = storage.clone();
        async move { storage.spend(name, day, count, limit).await.unwrap() }
    };
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        callers.spawn(spend("dhl", 7, 3, 10));
    }
    let granted = callers.join_all().await;
    assert_eq!(granted.iter().filter(|granted| **granted).count(), 3);
    assert!(!spend("dhl", 7, 2, 10).await, "all or nothing");
    assert!(spend("dhl", 7, 1, 10).await);
    assert!(!spend("dhl", 7, 1, 10).await);
    assert!(!spend("ups", 7, 11, 10).await, "also of a new one");
    assert!(spend("ups", 7, 10, 10).await);
    assert!(spend("dhl", 8, 3, 10).await, "a day has its own");
    let row = |name: &str, spent| SpentRow {
        name: name.to_owned(),
        spent,
    };
    let rows = storage.spent(7).await.unwrap();
    assert_eq!(rows, [row("dhl", 10), row("ups", 10)]);
    assert_eq!(storage.spent(8).await.unwrap(), [row("dhl", 3)]);
}

pub async fn a_rhythm_is_written_by_whoever_read_it_last(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let slug = CourierSlug::parse("dhl").unwrap();
    let row = |revision, document: &str| RhythmRow {
        slug: CourierSlug::parse("dhl").unwrap(),
        revision,
        document: document.to_owned(),
    };
    assert_eq!(storage.rhythm(&slug).await.unwrap(), None);
    assert!(!storage.put_rhythm(row(1, "early")).await.unwrap());
    assert!(storage.put_rhythm(row(0, "first")).await.unwrap());
    assert!(!storage.put_rhythm(row(0, "late")).await.unwrap());
    let known = storage.rhythm(&slug).await.unwrap().unwrap();
    assert_eq!(known, row(known.revision, "first"));
    assert!(
        storage
            .put_rhythm(row(known.revision, "second"))
            .await
            .unwrap()
    );
    assert!(
        !storage
            .put_rhythm(row(known.revision, "stale"))
            .await
            .unwrap()
    );
    let known = storage.rhythm(&slug).await.unwrap().unwrap();
    assert_eq!(known.document, "second");
}
