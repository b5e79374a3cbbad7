//! Trackings and the names they are found by.

use jiff::Timestamp;
use waybill_model::{
    ClockFacts, CountryCode, CourierSlug, OrganizationId, OwnId, SubStatus, Tag, TrackingKey,
};

use crate::{Document, Keyword};

/// The discriminator of a courier that needs no additional field to tell its parcels apart.
pub const NAME_DISCRIMINATOR_NONE: &str = "";

/// A tracking as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackingRow {
    /// Whose.
    pub organization: OrganizationId,
    /// Time-ordered identity, made at the same moment as [`Self::created_at`]: lists by creation are
    /// bounded by it.
    pub key: TrackingKey,
    /// 0 for a new row; see [`crate::WriteSet`].
    pub revision: u64,
    /// The caller's own id, if one was given.
    pub own_id: Option<OwnId>,
    /// Normalised tracking number.
    pub number: String,
    /// Courier of the first leg.
    pub slug: CourierSlug,
    /// Derived status.
    pub tag: Tag,
    /// Derived sub-status.
    pub sub_status: SubStatus,
    /// Whether it is followed.
    pub active: bool,
    /// The shop's order.
    pub order_id: Option<String>,
    /// Filter columns of the list.
    pub origin: Option<CountryCode>,
    /// Where the shop sends it.
    pub destination: Option<CountryCode>,
    /// Where the courier says it goes.
    pub courier_destination: Option<CountryCode>,
    /// Whether a return ever began.
    pub return_to_sender: bool,
    /// The shop's tags.
    pub shipment_tags: Vec<String>,
    /// When it was made, to the second as the API prints it.
    pub created_at: Timestamp,
    /// When the document last changed.
    pub updated_at: Timestamp,
    /// What the clock-dependent fields are computed from.
    pub clock: ClockFacts,
    /// The newest wire shape without the fields that change with polls or the clock.
    pub document: Document,
    /// What the document is made from: the caller's fields, checkpoints, marks and history.
    pub record: String,
}

/// What a GET answers from.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackingView {
    /// Identity; also the cursor of a list.
    pub key: TrackingKey,
    /// See [`TrackingRow::document`].
    pub document: String,
    /// See [`TrackingRow::clock`].
    pub clock: ClockFacts,
    /// How often couriers were asked, over all legs.
    pub tracked_count: u64,
}

/// A name of a tracking.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Name {
    /// What a courier calls it.
    Number {
        /// Normalised tracking number.
        number: String,
        /// Courier.
        slug: String,
        /// Hash of the courier's required additional fields, or [`NAME_DISCRIMINATOR_NONE`].
        discriminator: String,
    },
    /// What the caller calls it.
    OwnId(String),
}

/// A name and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRow {
    /// The name.
    pub name: Name,
    /// The tracking.
    pub tracking: TrackingKey,
}

/// Conditions of a list; an empty vector and `None` ask nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TrackingFilter {
    /// Any of these numbers.
    pub numbers: Vec<String>,
    /// Found by this keyword.
    pub keyword: Option<Keyword>,
    /// Any of these couriers.
    pub slugs: Vec<CourierSlug>,
    /// Any of these tags.
    pub tags: Vec<Tag>,
    /// Any of these orders.
    pub order_ids: Vec<String>,
    /// Any of these origins.
    pub origins: Vec<CountryCode>,
    /// Any of these destinations.
    pub destinations: Vec<CountryCode>,
    /// Any of these destinations as the courier says.
    pub courier_destinations: Vec<CountryCode>,
    /// Any of these tags of the shop.
    pub shipment_tags: Vec<String>,
    /// Exactly this transit time in days, as of now.
    pub transit_time: Option<i64>,
    /// Whether a return ever began.
    pub return_to_sender: Option<bool>,
    /// Inclusive.
    pub created_at_min: Option<Timestamp>,
    /// Inclusive.
    pub created_at_max: Option<Timestamp>,
    /// Inclusive.
    pub updated_at_min: Option<Timestamp>,
    /// Inclusive.
    pub updated_at_max: Option<Timestamp>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackingPage {
    /// Newest first.
    pub trackings: Vec<TrackingView>,
    /// Where the next page begins (`before`), if there may be one: the page was full, or the walk
    /// budget ended it.
    pub next: Option<TrackingKey>,
}
