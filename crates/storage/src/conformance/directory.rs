//! The small tables: organizations, API keys, webhooks, resources, what may happen once.

use super::{
    Engine,
    fixtures::{
        api_key_of, apply, at, create, fresh, key, once_of, organization, refuse, resource_id,
        resource_of, tracking, webhook_of,
    },
};
use crate::{
    ApiKeyRow, Authentication, Conflict, Delete, OnceRow, OrganizationRow, Put, ResourceKind,
    ResourceRow, WebhookRow, WriteSet,
};

pub async fn organizations_have_unique_names(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = |number: u128, name: &str| OrganizationRow {
        id: organization(number),
        revision: 0,
        name: name.to_owned(),
        created_at: at(number as i64),
        settings: "{}".to_owned(),
    };
    let put = |row: &OrganizationRow| WriteSet::new(row.id).put(Put::Organization(row.clone()));
    let (first, second) = (row(9, "default"), row(10, "other"));
    apply(&*storage, put(&first)).await;
    apply(&*storage, put(&second)).await;
    assert_eq!(
        refuse(&*storage, put(&row(11, "default"))).await,
        Conflict::Taken
    );
    assert_eq!(
        refuse(&*storage, put(&row(9, "new"))).await,
        Conflict::Changed
    );

    let renamed = OrganizationRow {
        revision: 1,
        name: "shop".to_owned(),
        settings: "{\"a\":1}".to_owned(),
        ..first
    };
    let taken = OrganizationRow {
        name: "other".to_owned(),
        ..renamed.clone()
    };
    assert_eq!(refuse(&*storage, put(&taken)).await, Conflict::Taken);
    apply(&*storage, put(&renamed)).await;
    assert_eq!(refuse(&*storage, put(&renamed)).await, Conflict::Changed);
    let expected = [
        OrganizationRow {
            revision: 2,
            ..renamed
        },
        OrganizationRow {
            revision: 1,
            ..second
        },
    ];
    assert_eq!(storage.organizations().await.unwrap(), expected);
}

pub async fn api_keys_are_found_by_their_hash(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let put =
        |row: &ApiKeyRow| WriteSet::new(row.organization).put(Put::ApiKey(Box::new(row.clone())));
    let first = api_key_of(organization(1), 1);
    let second = ApiKeyRow {
        authentication: Authentication::ApiKey,
        proof: None,
        scopes: Vec::new(),
        last_used_at: Some(at(3)),
        revoked_at: Some(at(4)),
        ..api_key_of(organization(1), 2)
    };
    let foreign = api_key_of(organization(2), 3);
    for row in [&first, &second, &foreign] {
        apply(&*storage, put(row)).await;
    }
    let stolen = ApiKeyRow {
        hash: [1; 32],
        ..api_key_of(organization(2), 4)
    };
    assert_eq!(refuse(&*storage, put(&stolen)).await, Conflict::Taken);
    assert_eq!(
        refuse(
            &*storage,
            put(&ApiKeyRow {
                hash: [5; 32],
                ..first.clone()
            })
        )
        .await,
        Conflict::Changed
    );

    let stored = |row: &ApiKeyRow| ApiKeyRow {
        revision: 1,
        ..row.clone()
    };
    assert_eq!(
        storage.api_key_by_hash(&[2; 32]).await.unwrap(),
        Some(stored(&second))
    );
    assert_eq!(storage.api_key_by_hash(&[9; 32]).await.unwrap(), None);
    assert_eq!(
        storage.api_keys(organization(1)).await.unwrap(),
        [stored(&first), stored(&second)]
    );

    // Use is noted beside the revision, and never goes back.
    storage.touch_api_key(first.id, at(120)).await.unwrap();
    storage.touch_api_key(first.id, at(60)).await.unwrap();
    storage.flush().await.unwrap();
    let used = storage.api_key_by_hash(&first.hash).await.unwrap().unwrap();
    assert_eq!((used.last_used_at, used.revision), (Some(at(120)), 1));
    let revoked = ApiKeyRow {
        revision: 1,
        revoked_at: Some(at(200)),
        ..first
    };
    apply(&*storage, put(&revoked)).await;
    assert_eq!(refuse(&*storage, put(&revoked)).await, Conflict::Changed);
    let expected = ApiKeyRow {
        revision: 2,
        last_used_at: Some(at(120)),
        ..revoked
    };
    assert_eq!(
        storage.api_key_by_hash(&expected.hash).await.unwrap(),
        Some(expected)
    );
}

pub async fn webhooks_are_kept(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let put =
        |row: &WebhookRow| WriteSet::new(row.organization).put(Put::Webhook(Box::new(row.clone())));
    let (first, second) = (
        webhook_of(organization(1), 1),
        webhook_of(organization(1), 2),
    );
    apply(&*storage, put(&first)).await;
    apply(&*storage, put(&second)).await;
    assert_eq!(refuse(&*storage, put(&first)).await, Conflict::Changed);
    let failing = WebhookRow {
        revision: 1,
        document: "{}".to_owned(),
        last_success_at: Some(at(1)),
        failing_since: Some(at(2)),
        ..first
    };
    apply(&*storage, put(&failing)).await;
    assert_eq!(refuse(&*storage, put(&failing)).await, Conflict::Changed);
    let failing = WebhookRow {
        revision: 2,
        ..failing
    };
    let second = WebhookRow {
        revision: 1,
        ..second
    };
    assert_eq!(
        storage.webhook(organization(1), failing.id).await.unwrap(),
        Some(failing.clone())
    );
    assert_eq!(
        storage.webhooks(organization(1)).await.unwrap(),
        [failing, second]
    );
}

pub async fn resources_are_found_by_id_and_name(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let who = organization(1);
    let kind = ResourceKind::CourierConnection;
    let put = |row: &ResourceRow| WriteSet::new(who).put(Put::Resource(Box::new(row.clone())));
    let (first, second) = (resource_of(who, 1), resource_of(who, 2));
    let other_name = ResourceRow {
        name: "fedex".to_owned(),
        ..resource_of(who, 3)
    };
    // The same id may stand for something of another kind.
    let other_kind = ResourceRow {
        kind: ResourceKind::Location,
        ..first.clone()
    };
    for row in [&second, &first, &other_name, &other_kind] {
        apply(&*storage, put(row)).await;
    }
    assert_eq!(refuse(&*storage, put(&first)).await, Conflict::Changed);
    let ids = async |name| -> Vec<_> {
        let rows = storage.resources(who, kind, name).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    let all = [resource_id(1), resource_id(2), resource_id(3)];
    assert_eq!(ids(None).await, all);
    assert_eq!(ids(Some("ups")).await, all[..2]);
    assert_eq!(ids(Some("dhl")).await, []);

    let changed = ResourceRow {
        revision: 1,
        name: "dhl".to_owned(),
        document: "{}".to_owned(),
        ..first
    };
    apply(&*storage, put(&changed)).await;
    assert_eq!(refuse(&*storage, put(&changed)).await, Conflict::Changed);
    let expected = ResourceRow {
        revision: 2,
        ..changed
    };
    let found = storage.resource(who, kind, resource_id(1)).await.unwrap();
    assert_eq!(found, Some(expected));

    let mut set = WriteSet::new(who);
    set.delete.push(Delete::Resource(kind, resource_id(1)));
    apply(&*storage, set).await;
    assert_eq!(ids(None).await, all[1..]);
    let location = storage
        .resource(who, ResourceKind::Location, resource_id(1))
        .await
        .unwrap();
    assert!(location.is_some());
}

pub async fn what_is_done_once_is_not_done_again(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let who = organization(1);
    let done = once_of(who, 1);
    let set = |row: &OnceRow| create(&tracking(1)).put(Put::Once(Box::new(row.clone())));
    apply(&*storage, set(&done)).await;
    assert_eq!(
        storage.once(who, &done.key).await.unwrap().as_ref(),
        Some(&done)
    );
    assert_eq!(storage.once(who, &[9; 32]).await.unwrap(), None);

    // It is told before the taken name, and the rest of the set is not written either.
    let again = OnceRow {
        fingerprint: [0; 32],
        at: at(9),
        expires_at: at(19),
        ..done.clone()
    };
    assert_eq!(refuse(&*storage, set(&again)).await, Conflict::Done);
    assert_eq!(
        storage.once(who, &done.key).await.unwrap().as_ref(),
        Some(&done)
    );
    let mut rest = create(&tracking(2));
    rest.put.push(Put::Once(Box::new(again.clone())));
    assert_eq!(refuse(&*storage, rest).await, Conflict::Done);
    assert_eq!(storage.tracking(who, key(2)).await.unwrap(), None);

    // Its time is over.
    let later = OnceRow {
        answer: None,
        at: at(10),
        expires_at: at(20),
        ..again
    };
    apply(
        &*storage,
        WriteSet::new(who).put(Put::Once(Box::new(later.clone()))),
    )
    .await;
    assert_eq!(storage.once(who, &done.key).await.unwrap(), Some(later));
}
