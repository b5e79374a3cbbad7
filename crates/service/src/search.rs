//! Trackings are found by words.

use waybill_model::{
    Details, TrackingNumber,
    search::{MAX_KEYWORD_WORDS, digits, keyword_words, words},
};
use waybill_storage::{Keyword, SearchRow, TrackingRow};
use waybill_versions::Problem;

use crate::{Service, trackings::read_record, unavailable};

/// Trackings made searchable in one commit: some 20 ms of the disk's time.
const ROWS_PER_COMMIT: usize = 256;
/// Commits of one call; what is left waits for the next.
const COMMITS_PER_CALL: usize = 1_000;

impl Service {
    /// Makes those trackings searchable whose words changed; how many. Called about once a second: a
    /// change is found by its new words soon after, and by none that is old.
    pub async fn make_searchable(&self) -> Result<usize, Problem> {
        let storage = &self.0.storage;
        let mut made = 0;
        for _ in 0..COMMITS_PER_CALL {
            let rows = storage.unsearchable(ROWS_PER_COMMIT).await;
            let rows = rows.map_err(unavailable)?;
            let is_rest = rows.len() < ROWS_PER_COMMIT;
            if !rows.is_empty() {
                made += rows.len();
                let rows = rows.iter().map(searched).collect();
                storage.make_searchable(rows).await.map_err(unavailable)?;
            }
            if is_rest {
                break;
            }
        }
        Ok(made)
    }
}

/// What a list is searched for. A keyword that is a whole tracking number is looked up as such, too.
pub fn keyword(text: &str) -> Result<Keyword, Problem> {
    let Some(words) = keyword_words(text) else {
        let mend = format!("It has {MAX_KEYWORD_WORDS} words at most.");
        return Err(Problem::invalid("keyword", &mend));
    };
    let number = TrackingNumber::parse(text).ok();
    Ok(Keyword {
        words,
        number: number.map(|number| number.as_str().to_owned()),
    })
}

/// The words by which a tracking is found.
pub fn searched(row: &TrackingRow) -> SearchRow {
    // One whose record cannot be read is found by its number alone; that was logged.
    let details = read_record(row).map(|record| record.details);
    let details = details.unwrap_or_default();
    let phones: Vec<String> = details
        .customers
        .iter()
        .filter_map(|customer| customer.phone_number.as_deref())
        .map(digits)
        .collect();
    let texts = texts(&row.number, &details);
    SearchRow {
        organization: row.organization,
        tracking: row.key,
        revision: row.revision,
        words: words(texts.chain(phones.iter().map(String::as_str))),
    }
}

/// The texts that are searched, those that tell most first.
fn texts<'a>(number: &'a str, details: &'a Details) -> impl Iterator<Item = &'a str> {
    let customers = details.customers.iter().flat_map(|customer| {
        [&customer.name, &customer.email, &customer.phone_number]
            .into_iter()
            .flatten()
    });
    let custom = details
        .custom_fields
        .iter()
        .flat_map(|fields| fields.values());
    let own = [&details.order_id, &details.title].into_iter().flatten();
    std::iter::once(number).chain(own.chain(customers).chain(custom).map(String::as_str))
}
