//! What an organization's numbers turned out to be.

use super::{
    Engine,
    fixtures::{apply, fresh, organization, slug},
};
use crate::{Append, NumberCount, WriteSet};

pub async fn counts_of_an_outline_add_up(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let count = |outline: &str, courier: &str, count| NumberCount {
        outline: outline.to_owned(),
        slug: slug(courier),
        count,
    };
    for (number, times) in [(1, 2), (2, 1)] {
        let mut set = WriteSet::new(organization(number));
        for _ in 0..times {
            set.append.extend([
                Append::NumberCount(count("9 12", "ups", 1)),
                Append::NumberCount(count("9 12", "fedex", 3)),
                Append::NumberCount(count("9 14", "ups", 5)),
            ]);
        }
        apply(&*storage, set).await;
    }
    let counts = async |number, outline| {
        let counts = storage.number_counts(organization(number), outline);
        counts.await.unwrap()
    };
    assert_eq!(
        counts(1, "9 12").await,
        [count("9 12", "fedex", 6), count("9 12", "ups", 2)]
    );
    assert_eq!(counts(1, "9 14").await, [count("9 14", "ups", 10)]);
    assert_eq!(counts(2, "9 14").await, [count("9 14", "ups", 5)]);
    assert_eq!(counts(3, "9 14").await, []);

    // It goes on where it was.
    let mut set = WriteSet::new(organization(2));
    set.append
        .push(Append::NumberCount(count("9 14", "ups", 1)));
    apply(&*storage, set).await;
    assert_eq!(counts(2, "9 14").await, [count("9 14", "ups", 6)]);
}
