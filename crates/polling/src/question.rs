//! What a poll job asks: looked up in its row, and put together with what may go into the same request.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp, tz::Offset};
use waybill_couriers::{Couriers, Query};
use waybill_jobs::Held;
use waybill_model::{CourierSlug, Details};
use waybill_service::{Account, PollJob, ship_date};
use waybill_storage::{PollRow, TrackingRow};

use crate::cadence::local_minute;

/// A leg that is asked for.
pub(crate) struct Question<'a> {
    /// Its job, among those of the batch.
    pub place: usize,
    pub held: &'a Held,
    pub job: PollJob,
    pub poll: PollRow,
    /// Whether another courier is asked in place of the tracking's own.
    pub is_rival: bool,
    /// The account to ask with; the error says why the courier cannot be asked.
    pub account: Result<Option<Account>, String>,
    pub query: Query,
}

impl Question<'_> {
    /// When it comes due.
    pub(crate) fn due_at(&self) -> Timestamp {
        self.poll.next_check_at.unwrap_or(self.query.now)
    }

    /// Whether it is no more than the filling of a request that others are due for.
    pub(crate) fn is_early(&self) -> bool {
        self.due_at() > self.query.now
    }

    /// How long it can wait for room in a budget.
    pub(crate) fn can_wait_until(&self) -> Timestamp {
        self.query.now + put_off(self.poll.checked_at, self.due_at())
    }
}

/// Questions that go into one request.
pub(crate) struct Together<'a> {
    pub slug: CourierSlug,
    pub account: Result<Option<Account>, String>,
    pub questions: Vec<Question<'a>>,
}

/// Puts questions together: of one courier, with one account, differing in nothing that matters, and no more
/// than the courier takes. After a failure a leg is asked with half as many others, after two with a quarter:
/// what spoils the answer for all is soon alone, and an outage makes few more requests.
pub(crate) fn put_together<'a>(
    couriers: &Arc<Couriers>,
    questions: impl IntoIterator<Item = Question<'a>>,
) -> Vec<Together<'a>> {
    let mut open: BTreeMap<(String, usize, String), Together<'a>> = BTreeMap::new();
    let mut full = Vec::new();
    for question in questions {
        let Question { poll, account, .. } = &question;
        let courier = couriers.get(poll.slug.as_str());
        let size = courier.map_or(1, waybill_couriers::Courier::batch_size);
        let size = size.checked_shr(poll.failures).unwrap_or(0).max(1);
        let whose = match account {
            Ok(Some(account)) => account.connection.to_string(),
            Ok(None) => String::new(),
            Err(reason) => reason.clone(),
        };
        let differs = courier.map_or_else(String::new, |it| it.batch_key(&question.query));
        let key = (format!("{} {whose}", poll.slug), size, differs);
        let together = open.entry(key.clone()).or_insert_with(|| Together {
            slug: poll.slug.clone(),
            account: account.clone(),
            questions: Vec::new(),
        });
        together.questions.push(question);
        if together.questions.len() >= size {
            full.extend(open.remove(&key));
        }
    }
    full.extend(open.into_values());
    full
}

/// The question about a leg, as couriers' folders see it.
pub(crate) fn query(row: &TrackingRow, details: Details, poll: &PollRow, now: Timestamp) -> Query {
    let Details {
        language,
        destination_postal_code,
        destination_country_region,
        origin_country_region,
        tracking_ship_date,
        tracking_account_number,
        tracking_key,
        destination_state,
        ..
    } = details;
    Query {
        number: poll.number.clone(),
        leg: poll.leg,
        language,
        destination_postal_code,
        destination_country: destination_country_region,
        origin_country: origin_country_region,
        ship_date: tracking_ship_date.as_deref().and_then(ship_date),
        destination_state,
        account_number: tracking_account_number,
        tracking_key,
        created_at: row.created_at,
        now,
    }
}

/// Whether a leg that comes due later may be asked now, to fill a request.
pub(crate) fn may_be_early(asked_at: Option<Timestamp>, due: Timestamp, now: Timestamp) -> bool {
    let minute = |at: Timestamp| local_minute(at, Offset::UTC);
    asked_at.is_some_and(|asked_at| {
        waybill_cadence::may_be_early(minute(asked_at), minute(due), minute(now))
    })
}

/// How long a leg that came due waits for room in its courier's budget before it is tried again.
fn put_off(asked_at: Option<Timestamp>, due: Timestamp) -> SignedDuration {
    let minute = |at: Timestamp| local_minute(at, Offset::UTC);
    asked_at.map_or(SignedDuration::ZERO, |asked_at| {
        SignedDuration::from_mins(waybill_cadence::put_off(minute(asked_at), minute(due)))
    })
}
