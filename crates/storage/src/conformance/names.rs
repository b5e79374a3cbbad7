//! Names: by what trackings are found.

use waybill_model::TrackingKey;

use super::{
    Engine,
    fixtures::{apply, create, fresh, key, number_name, organization, refuse, tracking},
};
use crate::{Conflict, Delete, Name, NameQuery, NameRow, Put, Storage, TrackingRow, WriteSet};

async fn found(
    storage: &dyn Storage,
    number: &str,
    slug: Option<&str>,
    discriminator: Option<&str>,
) -> Vec<TrackingKey> {
    let query = NameQuery::Number {
        number: number.to_owned(),
        slug: slug.map(str::to_owned),
        discriminator: discriminator.map(str::to_owned),
    };
    let names = storage
        .trackings_named(organization(1), &query)
        .await
        .unwrap();
    names.into_iter().map(|name| name.tracking).collect()
}

fn put(name: NameRow) -> WriteSet {
    WriteSet::new(organization(1)).put(Put::Name(name))
}

pub async fn a_number_may_mean_several_trackings(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in 1..=4 {
        apply(&*storage, create(&tracking(number))).await;
    }
    apply(&*storage, put(number_name("SAME", "ups", "", key(2)))).await;
    apply(&*storage, put(number_name("SAME", "fedex", "", key(1)))).await;
    apply(
        &*storage,
        put(number_name("SAME", "fedex", "12345", key(4))),
    )
    .await;
    apply(
        &*storage,
        put(number_name("SAME", "fedex", "54321", key(3))),
    )
    .await;
    assert_eq!(
        found(&*storage, "SAME", None, None).await,
        [key(4), key(3), key(2), key(1)]
    );
    assert_eq!(
        found(&*storage, "SAME", Some("fedex"), None).await,
        [key(4), key(3), key(1)]
    );
    assert_eq!(
        found(&*storage, "SAME", Some("fedex"), Some("")).await,
        [key(1)]
    );
    assert_eq!(
        found(&*storage, "SAME", Some("fedex"), Some("54321")).await,
        [key(3)]
    );
    assert_eq!(found(&*storage, "SAME", Some("dhl"), None).await, []);
    assert_eq!(found(&*storage, "SAM", None, None).await, []);
    let names = storage.names_of(organization(1), key(4)).await.unwrap();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&number_name("SAME", "fedex", "12345", key(4))));
    assert!(names.contains(&number_name("NUMBER4", "ups", "", key(4))));
}

pub async fn a_taken_name_tells_whose_it_is(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    apply(&*storage, create(&tracking(1))).await;
    apply(&*storage, create(&tracking(2))).await;
    let taken = number_name("NUMBER1", "ups", "", key(2));
    assert_eq!(
        refuse(&*storage, put(taken.clone())).await,
        Conflict::NameTaken(key(1))
    );

    // A tracking may be given its own name again: a correction back to where it came from.
    apply(&*storage, put(number_name("NUMBER1", "ups", "", key(1)))).await;

    // A name is released only by whose it is.
    let release = |name: NameRow| {
        let mut set = WriteSet::new(organization(1));
        set.delete.push(Delete::Name(name));
        set
    };
    apply(&*storage, release(taken.clone())).await;
    assert_eq!(found(&*storage, "NUMBER1", None, None).await, [key(1)]);
    apply(
        &*storage,
        release(number_name("NUMBER1", "ups", "", key(1))),
    )
    .await;
    apply(&*storage, put(taken)).await;
    assert_eq!(found(&*storage, "NUMBER1", None, None).await, [key(2)]);
}

pub async fn a_released_name_can_be_taken_in_the_same_set(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    apply(&*storage, create(&tracking(1))).await;
    let heir = TrackingRow {
        number: "NUMBER1".to_owned(),
        ..tracking(2)
    };
    let mut set = create(&heir);
    set.delete
        .push(Delete::Name(number_name("NUMBER1", "ups", "", key(1))));
    apply(&*storage, set).await;
    assert_eq!(found(&*storage, "NUMBER1", None, None).await, [key(2)]);
    assert_eq!(storage.names_of(organization(1), key(1)).await.unwrap(), []);

    // A deleted tracking releases its names for the set that deletes it.
    let heir = TrackingRow {
        number: "NUMBER1".to_owned(),
        ..tracking(3)
    };
    let mut set = create(&heir);
    set.delete.push(Delete::Tracking {
        key: key(2),
        revision: 1,
    });
    apply(&*storage, set).await;
    assert_eq!(found(&*storage, "NUMBER1", None, None).await, [key(3)]);
}

pub async fn an_own_id_is_a_name(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    apply(&*storage, create(&tracking(1))).await;
    apply(&*storage, create(&tracking(2))).await;
    let own = |tracking| NameRow {
        name: Name::OwnId("NUMBER1".to_owned()),
        tracking,
    };
    apply(&*storage, put(own(key(2)))).await;
    let query = NameQuery::OwnId("NUMBER1".to_owned());
    assert_eq!(
        storage
            .trackings_named(organization(1), &query)
            .await
            .unwrap(),
        [own(key(2))]
    );
    // The number of the same text is another name, and case matters.
    assert_eq!(found(&*storage, "NUMBER1", None, None).await, [key(1)]);
    let query = NameQuery::OwnId("number1".to_owned());
    assert_eq!(
        storage
            .trackings_named(organization(1), &query)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        refuse(&*storage, put(own(key(1)))).await,
        Conflict::NameTaken(key(2))
    );
}
