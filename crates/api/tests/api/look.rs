//! Somebody looks at a parcel.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_model::TrackingKey;
use waybill_service::POLL_JOB;
use waybill_storage::{Claim, PollOutcome, PollRow, Put, WriteSet};

use crate::support::{Installation, Organization, Reply, TRACKINGS, id};

const OURS: &str = "/waybill/v1/trackings";
const UPS: &str = "1Z999AA10123456784";

/// A parcel of a courier that was asked when it was made, and answered.
struct Parcel<'a> {
    shop: &'a Organization<'a>,
    id: String,
    asked_at: Timestamp,
}

impl<'a> Parcel<'a> {
    async fn of_ups(shop: &'a Organization<'a>) -> Self {
        Self::made(shop, json!({"tracking_number": UPS, "slug": "ups"})).await
    }

    async fn made(shop: &'a Organization<'a>, body: Value) -> Self {
        let made = shop.create(body).await;
        let parcel = Self {
            shop,
            id: id(&made).to_owned(),
            asked_at: shop.installation.service.now(),
        };
        parcel
            .note(|poll| {
                poll.checked_at = Some(parcel.asked_at);
                poll.answered_at = Some(parcel.asked_at);
                poll.outcome = Some(PollOutcome::NoDataYet);
                poll.next_check_at = Some(parcel.asked_at + SignedDuration::from_hours(4));
            })
            .await;
        assert_eq!(parcel.jobs_due().await, 1, "the one of its creation");
        parcel
    }

    /// Puts its leg as an asking might have left it.
    async fn note(&self, change: impl FnOnce(&mut PollRow)) {
        let mut poll = self.leg().await;
        change(&mut poll);
        let set = WriteSet::new(self.shop.id).put(Put::Poll(poll));
        let storage = self.shop.installation.service.storage();
        storage.commit(set).await.expect("a commit");
    }

    async fn leg(&self) -> PollRow {
        let key = TrackingKey::parse(&self.id).expect("a key");
        let storage = self.shop.installation.service.storage();
        let polls = storage.polls(self.shop.id, key).await.expect("an answer");
        polls.into_iter().next().expect("a leg")
    }

    async fn look_at(&self, minutes: i64) -> Reply {
        let at = self.asked_at + SignedDuration::from_mins(minutes);
        self.shop.installation.clock.set(at);
        let path = format!("{OURS}/{}/look", self.id);
        self.shop.post(&path, json!({})).await.is(200, 200)
    }

    /// Whether a look so many minutes after the asking changed anything of the leg, or brought a job.
    async fn is_left_alone_at(&self, minutes: i64) -> bool {
        let before = self.leg().await;
        self.look_at(minutes).await;
        self.leg().await == before && self.jobs_due().await == 0
    }

    /// How many jobs that ask for a parcel come due, each once.
    async fn jobs_due(&self) -> usize {
        let service = &self.shop.installation.service;
        let claim = Claim {
            kinds: vec![POLL_JOB],
            now: service.now(),
            lease_until: service.now() + SignedDuration::from_hours(24 * 365),
            limit: 100,
        };
        let claimed = service.storage().claim(claim).await;
        claimed.expect("an answer").len()
    }
}

#[tokio::test]
async fn a_look_brings_the_asking_to_now_once_what_is_known_is_ten_minutes_old() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let parcel = Parcel::of_ups(&shop).await;
    assert!(parcel.is_left_alone_at(9).await);
    let looked = parcel.look_at(10).await;
    let leg = &looked.data()["legs"][0];
    assert_eq!(leg["next_check_at"], "2026-07-10T12:10:00+00:00");
    assert_eq!(leg["checked_at"], "2026-07-10T12:00:00+00:00");
    let page = shop.get(&format!("{OURS}/{}/polling", parcel.id)).await;
    assert_eq!(page.data(), looked.data());
    assert_eq!(parcel.jobs_due().await, 1);
    // The worker may not have come to it yet: it is due, and has its job.
    assert!(parcel.is_left_alone_at(25).await);
}

#[tokio::test]
async fn two_that_look_at_once_make_one_asking() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let parcel = Parcel::of_ups(&shop).await;
    let looks = [(); 4].map(|()| parcel.look_at(60));
    for looked in futures_util::future::join_all(looks).await {
        let due = &looked.data()["legs"][0]["next_check_at"];
        assert_eq!(due, "2026-07-10T13:00:00+00:00");
    }
    assert_eq!(parcel.jobs_due().await, 1);
}

#[tokio::test]
async fn a_courier_that_failed_is_backed_off_from_whoever_looks() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let parcel = Parcel::of_ups(&shop).await;
    parcel
        .note(|poll| {
            poll.outcome = Some(PollOutcome::CouldNotAsk);
            poll.failures = 1;
        })
        .await;
    assert!(parcel.is_left_alone_at(120).await);
}

#[tokio::test]
async fn a_leg_that_is_not_asked_any_more_is_left_so() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let parcel = Parcel::of_ups(&shop).await;
    parcel.note(|poll| poll.next_check_at = None).await;
    assert!(parcel.is_left_alone_at(120).await);
}

#[tokio::test]
async fn what_has_ended_stays_so_until_it_is_asked_for_on_purpose() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let parcel = Parcel::of_ups(&shop).await;
    let end = format!("{TRACKINGS}/{}/mark-as-completed", parcel.id);
    shop.post(&end, json!({"reason": "LOST"}))
        .await
        .is(200, 200);
    assert_eq!(parcel.leg().await.next_check_at, None);
    assert!(parcel.is_left_alone_at(120).await);
    let now = format!("{OURS}/{}/polling/now", parcel.id);
    shop.post(&now, json!({})).await.is(200, 200);
    assert_eq!(parcel.jobs_due().await, 1);
}

#[tokio::test]
async fn nobody_is_asked_who_cannot_be_or_says_by_the_script_when_it_has_news() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let scripted = json!({"tracking_number": "ITOD-20-A", "slug": "testing-courier"});
    let needy = json!({"tracking_number": "NEEDY123456", "slug": "needy", "destination_postal_code": "10115"});
    for body in [scripted, needy] {
        let parcel = Parcel::made(&shop, body).await;
        let leg = parcel.leg().await;
        assert!(parcel.is_left_alone_at(120).await, "{}", leg.slug);
    }
}

#[tokio::test]
async fn what_another_organization_follows_cannot_be_looked_at() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let thief = installation.organization("thief").await;
    let parcel = Parcel::of_ups(&shop).await;
    installation.clock.advance(SignedDuration::from_hours(1));
    let before = parcel.leg().await;
    let path = format!("{OURS}/{}/look", parcel.id);
    thief.post(&path, json!({})).await.is(404, 4004);
    assert_eq!(parcel.leg().await, before);
    assert_eq!(parcel.jobs_due().await, 0);
}
