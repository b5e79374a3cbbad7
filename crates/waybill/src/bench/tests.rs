use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;
use waybill_couriers::Couriers;
use waybill_model::OrganizationId;
use waybill_service::keyword;
use waybill_storage::{NameQuery, Storage, TrackingFilter};
use waybill_storage_sqlite::SqliteStorage;

use super::{Moved, Plan, load, templates};

const NOW: &str = "2026-05-20T10:00:00Z";

async fn plan(trackings: u64, checkpoints: usize) -> Plan {
    let couriers = Arc::new(Couriers::embedded().unwrap());
    Plan {
        common: templates(&couriers, "ups", checkpoints).await.unwrap(),
        rare: templates(&couriers, "jersey-post", checkpoints)
            .await
            .unwrap(),
        organizations: [1, 2]
            .map(|number| OrganizationId::from_uuid(uuid::Uuid::from_u128(number)))
            .to_vec(),
        trackings,
        now: NOW.parse().unwrap(),
        next: 0,
        progress: |_, _| {},
        moved: Moved::default(),
    }
}

#[tokio::test]
async fn loaded_trackings_are_as_if_made() {
    let storage: Arc<dyn Storage> = Arc::new(SqliteStorage::open_in_memory().unwrap());
    let plan = plan(600, 3).await;
    let organizations = plan.organizations.clone();
    let mut keys = HashSet::new();
    assert_eq!(load(&storage, plan).await.unwrap(), 600);
    assert!(storage.unsearchable(1).await.unwrap().is_empty());
    let now: Timestamp = NOW.parse().unwrap();
    for organization in organizations {
        let everything = TrackingFilter::default();
        let page = storage
            .trackings(organization, &everything, None, 400, now)
            .await
            .unwrap();
        let count = storage
            .count_trackings(organization, &everything, now)
            .await
            .unwrap();
        assert_eq!(count, page.trackings.len() as u64);
        for view in &page.trackings {
            assert!(keys.insert(view.key));
            let row = storage
                .tracking(organization, view.key)
                .await
                .unwrap()
                .unwrap();
            let document: serde_json::Value =
                serde_json::from_str(&row.document.text().unwrap()).unwrap();
            assert_eq!(document["id"], row.key.id());
            assert_eq!(document["legacy_id"], row.key.legacy_id());
            assert_eq!(document["tracking_number"], row.number);
            assert_eq!(document["order_id"].as_str(), row.order_id.as_deref());
            assert_eq!(document["tag"], row.tag.as_str());
            let created_at: Timestamp = document["created_at"].as_str().unwrap().parse().unwrap();
            assert_eq!(created_at, row.created_at);
            assert_eq!(document["checkpoints"].as_array().unwrap().len(), 3);
            let found = TrackingFilter {
                keyword: Some(keyword(row.order_id.as_deref().unwrap()).unwrap()),
                ..TrackingFilter::default()
            };
            let found = storage
                .count_trackings(organization, &found, now)
                .await
                .unwrap();
            assert!((1..=2).contains(&found), "{found} of one order");
            let query = NameQuery::Number {
                number: row.number,
                slug: None,
                discriminator: None,
            };
            let named = storage.trackings_named(organization, &query).await.unwrap();
            assert_eq!(named.len(), 1);
            let polls = storage.polls(organization, view.key).await.unwrap();
            assert_eq!(polls.len(), 1);
            assert_eq!(polls[0].next_check_at.is_some(), row.active);
        }
        let events = storage.events_after(organization, 0, 1_000).await.unwrap();
        assert!(events.iter().all(|event| keys.contains(&event.tracking)));
        assert!(!events.is_empty() && events.len() < 2 * page.trackings.len());
    }
    assert_eq!(keys.len(), 600);
}

#[tokio::test]
async fn trackings_without_checkpoints_wait_for_their_first() {
    let sets: Vec<_> = plan(300, 0).await.flatten().collect();
    assert_eq!(sets.len(), 300);
    assert!(sets.iter().all(|set| set.jobs.len() == 1));
}
