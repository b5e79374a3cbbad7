//! Two organizations never see each other.

use super::{
    Engine,
    fixtures::{
        api_key_of, apply, at, attempt_of, create, delivery_id, delivery_of, event, fresh, key,
        name_of, once_of, organization, poll_of, refuse, resource_id, resource_of, tracking,
        webhook_id, webhook_of,
    },
};
use crate::{
    ApiKeyRow, Append, Conflict, Delete, DeliveryAttemptRow, DeliveryFilter, DeliveryRow,
    NameQuery, NewDelivery, NumberCount, OrganizationRow, PollRow, Put, ResourceKind, ResourceRow,
    Storage, TrackingFilter, TrackingRow, WebhookRow, WriteSet,
};

/// Everything organization 1 can have one of.
async fn furnish(storage: &dyn Storage) {
    let row = TrackingRow {
        order_id: Some("order".to_owned()),
        ..tracking(1)
    };
    let mut set = create(&row)
        .put(Put::Webhook(Box::new(webhook_of(organization(1), 1))))
        .put(Put::ApiKey(Box::new(api_key_of(organization(1), 1))))
        .put(Put::Resource(Box::new(resource_of(organization(1), 1))))
        .put(Put::Once(Box::new(once_of(organization(1), 1))));
    set.events.push(event(
        1,
        key(1),
        &[NewDelivery {
            id: delivery_id(1),
            webhook: webhook_id(1),
        }],
    ));
    apply(storage, set).await;
    let mut set = WriteSet::new(organization(1));
    set.append.push(Append::PollAttempt(attempt_of(&row, 0, 1)));
    set.append.push(Append::DeliveryAttempt(delivery_attempt()));
    set.append.push(Append::NumberCount(number_count()));
    apply(storage, set).await;
}

fn number_count() -> NumberCount {
    NumberCount {
        outline: "A2 9".to_owned(),
        slug: tracking(1).slug,
        count: 1,
    }
}

fn delivery_attempt() -> DeliveryAttemptRow {
    DeliveryAttemptRow {
        delivery: delivery_id(1),
        attempt: 1,
        at: at(1),
        http_status: None,
        latency_ms: 1,
        error: "refused".to_owned(),
        answer: String::new(),
    }
}

/// How much each kind of read finds for an organization.
#[expect(clippy::too_many_lines, reason = "a table")]
async fn census(storage: &dyn Storage, number: u128) -> Vec<(&'static str, usize)> {
    let who = organization(number);
    let all = TrackingFilter::default();
    let filters = [
        all.clone(),
        TrackingFilter {
            numbers: vec!["NUMBER1".to_owned()],
            ..all.clone()
        },
        TrackingFilter {
            order_ids: vec!["order".to_owned()],
            ..all.clone()
        },
        TrackingFilter {
            slugs: vec![tracking(1).slug],
            ..all.clone()
        },
        TrackingFilter {
            tags: vec![tracking(1).tag],
            ..all
        },
    ];
    let (mut listed, mut counted) = (0, 0);
    for filter in &filters {
        listed += storage
            .trackings(who, filter, None, 10, at(0))
            .await
            .unwrap()
            .trackings
            .len();
        counted += storage.count_trackings(who, filter, at(0)).await.unwrap() as usize;
    }
    let named = NameQuery::Number {
        number: "NUMBER1".to_owned(),
        slug: None,
        discriminator: None,
    };
    let deliveries = DeliveryFilter {
        webhook: Some(webhook_id(1)),
        ..DeliveryFilter::default()
    };
    vec![
        ("trackings", listed),
        ("count_trackings", counted),
        (
            "tracking",
            usize::from(storage.tracking(who, key(1)).await.unwrap().is_some()),
        ),
        (
            "tracking_view",
            usize::from(storage.tracking_view(who, key(1)).await.unwrap().is_some()),
        ),
        (
            "key_in_range",
            usize::from(
                storage
                    .tracking_key_in_range(who, key(0), key(2))
                    .await
                    .unwrap()
                    .is_some(),
            ),
        ),
        (
            "trackings_named",
            storage.trackings_named(who, &named).await.unwrap().len(),
        ),
        (
            "names_of",
            storage.names_of(who, key(1)).await.unwrap().len(),
        ),
        ("polls", storage.polls(who, key(1)).await.unwrap().len()),
        (
            "poll_attempts",
            storage.poll_attempts(who, key(1), 10).await.unwrap().len(),
        ),
        (
            "number_counts",
            storage.number_counts(who, "A2 9").await.unwrap().len(),
        ),
        (
            "events_after",
            storage.events_after(who, 0, 10).await.unwrap().len(),
        ),
        (
            "event",
            usize::from(storage.event(who, 1).await.unwrap().is_some()),
        ),
        ("webhooks", storage.webhooks(who).await.unwrap().len()),
        (
            "webhook",
            usize::from(storage.webhook(who, webhook_id(1)).await.unwrap().is_some()),
        ),
        (
            "delivery",
            usize::from(
                storage
                    .delivery(who, delivery_id(1))
                    .await
                    .unwrap()
                    .is_some(),
            ),
        ),
        (
            "lane_head",
            usize::from(
                storage
                    .lane_head(who, webhook_id(1), key(1))
                    .await
                    .unwrap()
                    .is_some(),
            ),
        ),
        (
            "pending",
            storage
                .pending_deliveries(who, webhook_id(1), false, 10)
                .await
                .unwrap()
                .len(),
        ),
        (
            "deliveries",
            storage
                .deliveries(who, &deliveries, None, 10)
                .await
                .unwrap()
                .deliveries
                .len(),
        ),
        (
            "delivery_attempts",
            storage
                .delivery_attempts(who, delivery_id(1))
                .await
                .unwrap()
                .len(),
        ),
        ("api_keys", storage.api_keys(who).await.unwrap().len()),
        (
            "resource",
            usize::from(
                storage
                    .resource(who, ResourceKind::CourierConnection, resource_id(1))
                    .await
                    .unwrap()
                    .is_some(),
            ),
        ),
        (
            "resources",
            storage
                .resources(who, ResourceKind::CourierConnection, Some("ups"))
                .await
                .unwrap()
                .len(),
        ),
        (
            "once",
            usize::from(storage.once(who, &[1; 32]).await.unwrap().is_some()),
        ),
    ]
}

pub async fn another_organization_reads_nothing(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    furnish(&*storage).await;
    for (read, found) in census(&*storage, 1).await {
        let expected = if matches!(read, "trackings" | "count_trackings") {
            5
        } else {
            1
        };
        assert_eq!(found, expected, "{read}");
    }
    for (read, found) in census(&*storage, 2).await {
        assert_eq!(found, 0, "{read}");
    }
}

pub async fn another_organization_writes_nothing(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    furnish(&*storage).await;
    let before = census(&*storage, 1).await;
    let stored = storage
        .tracking(organization(1), key(1))
        .await
        .unwrap()
        .unwrap();

    // With its own name on the row, and with the owner's.
    for owner in [organization(2), organization(1)] {
        let delivery = DeliveryRow {
            organization: owner,
            revision: 1,
            ..delivery_of(owner, 1, 1, key(1))
        };
        let puts = [
            Put::Tracking(Box::new(TrackingRow {
                organization: owner,
                document: "theirs".to_owned().into(),
                ..stored.clone()
            })),
            Put::Poll(PollRow {
                organization: owner,
                revision: 1,
                ..poll_of(&stored, 0)
            }),
            Put::Webhook(Box::new(WebhookRow {
                revision: 1,
                ..webhook_of(owner, 1)
            })),
            Put::Delivery(Box::new(delivery)),
            Put::ApiKey(Box::new(ApiKeyRow {
                revision: 1,
                ..api_key_of(owner, 1)
            })),
            Put::Resource(Box::new(ResourceRow {
                revision: 1,
                ..resource_of(owner, 1)
            })),
        ];
        for put in puts {
            let conflict = refuse(&*storage, WriteSet::new(organization(2)).put(put)).await;
            assert_eq!(conflict, Conflict::Changed);
        }
    }
    let foreign = OrganizationRow {
        id: organization(1),
        revision: 0,
        name: "theirs".to_owned(),
        created_at: at(0),
        settings: String::new(),
    };
    let set = WriteSet::new(organization(2)).put(Put::Organization(foreign));
    assert_eq!(refuse(&*storage, set).await, Conflict::Changed);
    let mut set = WriteSet::new(organization(2));
    set.delete.push(Delete::Tracking {
        key: key(1),
        revision: stored.revision,
    });
    assert_eq!(refuse(&*storage, set).await, Conflict::Changed);

    // What carries no expectation reaches nothing.
    let mut set = WriteSet::new(organization(2));
    set.delete.push(Delete::Name(name_of(&stored)));
    set.delete.push(Delete::Poll {
        tracking: key(1),
        leg: 0,
    });
    set.delete.push(Delete::Webhook(webhook_id(1)));
    set.delete.push(Delete::Resource(
        ResourceKind::CourierConnection,
        resource_id(1),
    ));
    set.append
        .push(Append::PollAttempt(attempt_of(&stored, 0, 2)));
    set.append.push(Append::DeliveryAttempt(DeliveryAttemptRow {
        attempt: 2,
        ..delivery_attempt()
    }));
    apply(&*storage, set).await;
    assert_eq!(census(&*storage, 1).await, before);
    assert_eq!(
        storage.tracking(organization(1), key(1)).await.unwrap(),
        Some(stored)
    );
    // The same number is free for the other.
    apply(
        &*storage,
        create(&TrackingRow {
            organization: organization(2),
            key: key(2),
            ..tracking(1)
        }),
    )
    .await;
}
