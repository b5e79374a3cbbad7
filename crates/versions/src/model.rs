//! The named shapes that go over the wire, and their fields in the newest version.

use crate::{
    fields::Field,
    requests::{
        api_keys, checkpoints, complete, create, details, detect, locations, notification, predict,
        update, webhooks,
    },
    schema::{courier, lists, own, prediction, tracking},
};

/// A shape that versions may change: a body, a query, an answer, or a part of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// The Tracking.
    Tracking,
    /// What deleting answers: the whole Tracking in the newest version.
    Deleted,
    /// What retracking answers: the whole Tracking in the newest version.
    Retracked,
    /// A checkpoint of a Tracking.
    Checkpoint,
    /// The same where there may be none: every field may be null.
    CheckpointOrNulls,
    /// The last checkpoint of a tracking, up to 2024-04.
    LastCheckpoint,
    /// Somebody who hears of a shipment, given or answered.
    Customer,
    /// What a shop promised, given or answered.
    Promise,
    /// Our prediction within a Tracking.
    PredictionOfTracking,
    /// The newest date that was told.
    LatestEstimate,
    /// The second carrier as answered up to 2024-10.
    NextCourier,
    /// What a list of trackings says beside them.
    TrackingsHead,
    /// A courier.
    Courier,
    /// The answer with couriers.
    Couriers,
    /// Who hears of a tracking, up to 2024-04.
    Notification,
    /// A body that says who is to hear of it, or not any more.
    NotificationGiven,
    /// A body that makes a tracking.
    Create,
    /// The second carrier in such a body.
    LastMileGiven,
    /// The second carrier in such a body up to 2024-10.
    NextCourierGiven,
    /// A body that changes a tracking.
    Update,
    /// A body that asks whose a number is.
    Detect,
    /// A body that ends a tracking.
    Complete,
    /// The query of a list of trackings.
    TrackingsQuery,
    /// The query of a list of couriers.
    CouriersQuery,
    /// A shipment whose delivery date is asked for.
    PredictionGiven,
    /// The same in a batch.
    PredictionsGiven,
    /// Its answer.
    Prediction,
    /// The answer to a batch.
    Predictions,
    /// An address of it, given or answered.
    PredictionAddress,
    /// A body that makes a courier connection.
    ConnectionGiven,
    /// A body that changes one.
    ConnectionChange,
    /// A courier connection.
    Connection,
    /// What a list says beside things that no version changes.
    ListHead,
    /// A body that makes an API key.
    KeyGiven,
    /// An API key.
    Key,
    /// The same where it was just made.
    KeyMade,
    /// The couriers that are worked with, given or answered.
    Activation,
    /// A body that makes a location.
    LocationGiven,
    /// A body that changes one.
    LocationChange,
    /// A location.
    Location,
    /// A body that makes many trackings.
    BatchGiven,
    /// What became of each.
    Batch,
    /// A body that adds checkpoints.
    CheckpointsGiven,
    /// How the asking of couriers goes.
    Polling,
    /// A body that makes a webhook.
    WebhookGiven,
    /// A body that changes one.
    WebhookChange,
    /// A webhook.
    Webhook,
    /// The same where its secret was just made.
    WebhookMade,
    /// What became of a sample event.
    WebhookTest,
    /// What a list of deliveries says beside them.
    DeliveriesHead,
    /// A delivery with its attempts.
    Delivery,
}

impl Model {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Tracking,
        Self::Deleted,
        Self::Retracked,
        Self::Checkpoint,
        Self::CheckpointOrNulls,
        Self::LastCheckpoint,
        Self::Customer,
        Self::Promise,
        Self::PredictionOfTracking,
        Self::LatestEstimate,
        Self::NextCourier,
        Self::TrackingsHead,
        Self::Courier,
        Self::Couriers,
        Self::Notification,
        Self::NotificationGiven,
        Self::Create,
        Self::LastMileGiven,
        Self::NextCourierGiven,
        Self::Update,
        Self::Detect,
        Self::Complete,
        Self::TrackingsQuery,
        Self::CouriersQuery,
        Self::PredictionGiven,
        Self::PredictionsGiven,
        Self::Prediction,
        Self::Predictions,
        Self::PredictionAddress,
        Self::ConnectionGiven,
        Self::ConnectionChange,
        Self::Connection,
        Self::ListHead,
        Self::KeyGiven,
        Self::Key,
        Self::KeyMade,
        Self::Activation,
        Self::LocationGiven,
        Self::LocationChange,
        Self::Location,
        Self::BatchGiven,
        Self::Batch,
        Self::CheckpointsGiven,
        Self::Polling,
        Self::WebhookGiven,
        Self::WebhookChange,
        Self::Webhook,
        Self::WebhookMade,
        Self::WebhookTest,
        Self::DeliveriesHead,
        Self::Delivery,
    ];

    /// Its fields in the newest version; shapes that only older versions have as those have them.
    pub(crate) fn newest(self) -> Vec<Field> {
        match self {
            Self::Tracking | Self::Deleted | Self::Retracked => tracking::TRACKING.to_vec(),
            Self::Checkpoint => tracking::CHECKPOINT.to_vec(),
            Self::CheckpointOrNulls => tracking::CHECKPOINT
                .iter()
                .map(|field| Field::or_null(field.name, field.kind))
                .collect(),
            Self::LastCheckpoint => tracking::LAST_CHECKPOINT.to_vec(),
            Self::Customer => details::CUSTOMER.to_vec(),
            Self::Promise => details::PROMISE.to_vec(),
            Self::PredictionOfTracking => tracking::PREDICTION.to_vec(),
            Self::LatestEstimate => tracking::LATEST_ESTIMATE.to_vec(),
            Self::NextCourier => tracking::NEXT_COURIER.to_vec(),
            Self::TrackingsHead => lists::TRACKINGS_HEAD.to_vec(),
            Self::Courier => courier::COURIER.to_vec(),
            Self::Couriers => courier::COURIERS.to_vec(),
            Self::Notification => lists::NOTIFICATION.to_vec(),
            Self::NotificationGiven => notification::FIELDS.to_vec(),
            Self::Create => [
                create::IDENTIFYING,
                details::CHANGEABLE,
                details::GIVEN_ONCE,
            ]
            .concat(),
            Self::LastMileGiven | Self::NextCourierGiven => details::LAST_MILE.to_vec(),
            Self::Update => [update::IDENTIFYING, details::CHANGEABLE].concat(),
            Self::Detect => [detect::IDENTIFYING, details::HINTS].concat(),
            Self::Complete => complete::FIELDS.to_vec(),
            Self::TrackingsQuery => lists::TRACKINGS_QUERY.to_vec(),
            Self::CouriersQuery => lists::COURIERS_QUERY.to_vec(),
            Self::PredictionGiven => [predict::IDENTIFYING, predict::FIELDS].concat(),
            Self::PredictionsGiven => prediction::BATCH_GIVEN.to_vec(),
            Self::Prediction => prediction::ANSWERED.to_vec(),
            Self::Predictions => prediction::BATCH_ANSWERED.to_vec(),
            Self::PredictionAddress => prediction::ADDRESS.to_vec(),
            Self::ConnectionGiven => own::CONNECTION_GIVEN.to_vec(),
            Self::ConnectionChange => own::CONNECTION_CHANGE.to_vec(),
            Self::Connection => own::CONNECTION.to_vec(),
            Self::ListHead => own::LIST_HEAD.to_vec(),
            Self::KeyGiven => api_keys::FIELDS.to_vec(),
            Self::Key => own::KEY.to_vec(),
            Self::KeyMade => [own::KEY, own::KEY_ITSELF, own::SECRET].concat(),
            Self::Activation => own::ACTIVATION.to_vec(),
            Self::LocationGiven => [own::ID_GIVEN, locations::FIELDS].concat(),
            Self::LocationChange => requiring(&[], locations::FIELDS),
            Self::Location => own::LOCATION.to_vec(),
            Self::BatchGiven => own::BATCH_GIVEN.to_vec(),
            Self::Batch => own::BATCH.to_vec(),
            Self::CheckpointsGiven => checkpoints::FIELDS.to_vec(),
            Self::Polling => own::POLLING.to_vec(),
            Self::WebhookGiven => requiring(&["url", "events"], &webhook()),
            Self::WebhookChange => webhook(),
            Self::Webhook => own::WEBHOOK.to_vec(),
            Self::WebhookMade => [own::WEBHOOK, own::SECRET].concat(),
            Self::WebhookTest => own::WEBHOOK_TEST.to_vec(),
            Self::DeliveriesHead => own::DELIVERIES_HEAD.to_vec(),
            Self::Delivery => own::DELIVERY.to_vec(),
        }
    }
}

fn webhook() -> Vec<Field> {
    [webhooks::FIELDS, own::WEBHOOK_HEADERS].concat()
}

/// These fields, of which those of the names have to be there.
fn requiring(names: &[&str], fields: &[Field]) -> Vec<Field> {
    let fields = fields.iter().map(|field| Field {
        required: names.contains(&field.name),
        ..*field
    });
    fields.collect()
}
