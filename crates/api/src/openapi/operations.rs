//! What each route does, for the documents: one line a route.

use axum::http::Method;
use waybill_versions::Model;

use crate::routes::{Api, Route};

/// What a route says and answers.
pub(super) struct Operation {
    pub summary: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// Its body, and what versions up to 2024-04 put around it.
    pub body: Option<(Model, Option<&'static str>)>,
    pub query: Option<Model>,
    /// Parameters of its query beside those.
    pub parameters: &'static [&'static str],
    pub answers: Answers,
    /// It answers 201.
    pub creates: bool,
    /// Some fields of its answer may be absent.
    pub partly: bool,
}

/// What stands in `data`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answers {
    /// A shape.
    One(Model),
    /// A shape that versions up to 2024-04 put into an object of this name.
    Wrapped(Model, &'static str),
    /// Shapes of a name, beside what a list says.
    List(Model, &'static str, Model),
}

/// How any route may refuse.
pub(super) const REFUSALS: &[(&str, &str)] = &[
    ("400", "The request has to be changed"),
    ("401", "The key is missing or unknown"),
    ("403", "The key does not open this"),
    ("404", "There is no such thing"),
    ("409", "The same request is being worked on"),
    ("422", "The key of the request was used for another"),
    ("429", "Too fast"),
    ("500", "A fault of ours"),
    ("503", "Away for a moment"),
];

/// The line of a route.
pub(super) fn operation(route: &Route) -> Option<&'static Operation> {
    OPERATIONS
        .iter()
        .find(|(api, method, path, _)| {
            *api == route.api
                && *method == route.method
                && *path == route.path.trim_end_matches('/')
        })
        .map(|(_, _, _, operation)| operation)
}

const ADDITIONAL: &[&str] = &[
    "tracking_account_number",
    "tracking_origin_country",
    "tracking_destination_country",
    "tracking_key",
    "tracking_postal_code",
    "tracking_ship_date",
    "tracking_state",
];

const SHOWN: &[&str] = &["fields", "lang"];

const SHOWN_BY_NUMBER: &[&str] = &[
    "fields",
    "lang",
    "tracking_account_number",
    "tracking_origin_country",
    "tracking_destination_country",
    "tracking_key",
    "tracking_postal_code",
    "tracking_ship_date",
    "tracking_state",
];

const TRACKING: Answers = Answers::Wrapped(Model::Tracking, "tracking");
const DELETED: Answers = Answers::Wrapped(Model::Deleted, "tracking");
const RETRACKED: Answers = Answers::Wrapped(Model::Retracked, "tracking");
const COURIERS: Answers = Answers::One(Model::Couriers);
const LAST_CHECKPOINT: Answers = Answers::One(Model::LastCheckpoint);
const NOTIFICATION: Answers = Answers::Wrapped(Model::Notification, "notification");
const PREDICTION: Answers = Answers::One(Model::Prediction);
const PREDICTIONS: Answers = Answers::One(Model::Predictions);
const TRACKINGS: Answers = Answers::List(Model::TrackingsHead, "trackings", Model::Tracking);

type Line = (Api, Method, &'static str, Operation);

#[rustfmt::skip]
const OPERATIONS: &[Line] = &[
    line(Api::Tracking, Method::GET, "/trackings", says("List trackings", "A page of trackings, newest first, that meet every condition of the query.", TRACKINGS).asks(Model::TrackingsQuery).with(&["lang"])),
    line(Api::Tracking, Method::POST, "/trackings", says("Follow a number", "Follows a number from now on; the courier is found by the number where none is named.", TRACKING).takes(Model::Create, Some("tracking")).made()),
    line(Api::Tracking, Method::GET, "/trackings/{id}", says("Read a tracking", "One tracking with all of its checkpoints, or the fields that are asked for.", TRACKING).with(SHOWN)),
    line(Api::Tracking, Method::PUT, "/trackings/{id}", says("Change a tracking", "Changes what is sent and leaves the rest; what a courier said cannot be changed.", TRACKING).takes(Model::Update, Some("tracking"))),
    line(Api::Tracking, Method::DELETE, "/trackings/{id}", says("Delete a tracking", "Ends the following and forgets the tracking, which is answered once more.", DELETED)),
    line(Api::Tracking, Method::POST, "/trackings/{id}/retrack", says("Follow an inactive tracking again", "Asks the courier again after the tracking became inactive, a few times at most.", RETRACKED)),
    line(Api::Tracking, Method::POST, "/trackings/{id}/mark-as-completed", says("End a tracking by hand", "Marks a tracking as delivered, lost or returned; only a retrack opens it again.", TRACKING).takes(Model::Complete, None)),
    line(Api::Tracking, Method::GET, "/trackings/{slug}/{tracking_number}", says("Read a tracking", "One tracking with all of its checkpoints, or the fields that are asked for.", TRACKING).with(SHOWN_BY_NUMBER)),
    line(Api::Tracking, Method::PUT, "/trackings/{slug}/{tracking_number}", says("Change a tracking", "Changes what is sent and leaves the rest; what a courier said cannot be changed.", TRACKING).takes(Model::Update, Some("tracking")).with(ADDITIONAL)),
    line(Api::Tracking, Method::DELETE, "/trackings/{slug}/{tracking_number}", says("Delete a tracking", "Ends the following and forgets the tracking, which is answered once more.", DELETED).with(ADDITIONAL)),
    line(Api::Tracking, Method::POST, "/trackings/{slug}/{tracking_number}/retrack", says("Follow an inactive tracking again", "Asks the courier again after the tracking became inactive, a few times at most.", RETRACKED).with(ADDITIONAL)),
    line(Api::Tracking, Method::POST, "/trackings/{slug}/{tracking_number}/mark-as-completed", says("End a tracking by hand", "Marks a tracking as delivered, lost or returned; only a retrack opens it again.", TRACKING).takes(Model::Complete, None).with(ADDITIONAL)),
    line(Api::Tracking, Method::GET, "/last_checkpoint/{id}", says("The newest checkpoint of a tracking", "The newest checkpoint with what identifies its tracking; its fields are empty while there is none.", LAST_CHECKPOINT).with(SHOWN)),
    line(Api::Tracking, Method::GET, "/last_checkpoint/{slug}/{tracking_number}", says("The newest checkpoint of a tracking", "The newest checkpoint with what identifies its tracking; its fields are empty while there is none.", LAST_CHECKPOINT).with(SHOWN_BY_NUMBER)),
    line(Api::Tracking, Method::GET, "/notifications/{id}", says("Who hears of a tracking", "The addresses that are told of the news of a tracking.", NOTIFICATION)),
    line(Api::Tracking, Method::POST, "/notifications/{id}/add", says("Tell more addresses", "Adds addresses to those that are told; one at fault refuses all.", NOTIFICATION).takes(Model::NotificationGiven, Some("notification")).made()),
    line(Api::Tracking, Method::POST, "/notifications/{id}/remove", says("Tell fewer addresses", "Removes addresses from those that are told.", NOTIFICATION).takes(Model::NotificationGiven, Some("notification"))),
    line(Api::Tracking, Method::GET, "/notifications/{slug}/{tracking_number}", says("Who hears of a tracking", "The addresses that are told of the news of a tracking.", NOTIFICATION).with(ADDITIONAL)),
    line(Api::Tracking, Method::POST, "/notifications/{slug}/{tracking_number}/add", says("Tell more addresses", "Adds addresses to those that are told; one at fault refuses all.", NOTIFICATION).takes(Model::NotificationGiven, Some("notification")).with(ADDITIONAL).made()),
    line(Api::Tracking, Method::POST, "/notifications/{slug}/{tracking_number}/remove", says("Tell fewer addresses", "Removes addresses from those that are told.", NOTIFICATION).takes(Model::NotificationGiven, Some("notification")).with(ADDITIONAL)),
    line(Api::Tracking, Method::GET, "/couriers", says("List couriers", "The couriers, or those of the query, with the fields that each needs beside the number.", COURIERS).asks(Model::CouriersQuery)),
    line(Api::Tracking, Method::GET, "/couriers/all", says("List all couriers", "Every courier there is, with the fields that each needs beside the number.", COURIERS)),
    line(Api::Tracking, Method::POST, "/couriers/detect", says("Whose number may this be?", "The couriers that may have a number, likeliest first; none is no fault.", COURIERS).takes(Model::Detect, Some("tracking"))),
    line(Api::Tracking, Method::POST, "/estimated-delivery-date/predict", says("When would it arrive?", "When one shipment will be picked up and will arrive, with how sure that is.", PREDICTION).takes(Model::PredictionGiven, None)),
    line(Api::Tracking, Method::POST, "/estimated-delivery-date/predict-batch", says("When would they arrive?", "The same of up to five shipments; one at fault refuses all.", PREDICTIONS).takes(Model::PredictionsGiven, None)),
    line(Api::Tracking, Method::GET, "/courier-connections", says("List your accounts with couriers", "A page of courier connections, newest first; secrets are masked.", Answers::List(Model::ListHead, "courier_connections", Model::Connection)).with(&["courier_slug", "cursor", "limit"])),
    line(Api::Tracking, Method::POST, "/courier-connections", says("Add an account", "Keeps the credentials of an account with a courier, encrypted, as the courier declares them.", Answers::One(Model::Connection)).takes(Model::ConnectionGiven, None).made()),
    line(Api::Tracking, Method::GET, "/courier-connections/{id}", says("Read an account", "One courier connection; secrets are masked.", Answers::One(Model::Connection))),
    line(Api::Tracking, Method::PATCH, "/courier-connections/{id}", says("Change an account", "Changes the credentials that are sent; a mask that is sent back changes nothing.", Answers::One(Model::Connection)).takes(Model::ConnectionChange, None)),
    line(Api::Tracking, Method::DELETE, "/courier-connections/{id}", says("Delete an account", "Forgets the credentials of an account with a courier; what was deleted is answered once more.", Answers::One(Model::Connection))),

    line(Api::Waybill, Method::GET, "/api-keys", says("List keys", "A page of API keys, newest first, without the keys themselves.", Answers::List(Model::ListHead, "api_keys", Model::Key)).with(&["cursor", "limit"])),
    line(Api::Waybill, Method::POST, "/api-keys", says("Make a key", "Makes an API key, which this answer alone shows; it cannot open what its maker cannot.", Answers::One(Model::KeyMade)).takes(Model::KeyGiven, None).made().partly()),
    line(Api::Waybill, Method::DELETE, "/api-keys/{id}", says("End a key", "Ends an API key everywhere within seconds.", Answers::One(Model::Key))),
    line(Api::Waybill, Method::GET, "/courier-activation", says("Which couriers are worked with", "The slugs of the couriers that are activated; none means all.", Answers::One(Model::Activation))),
    line(Api::Waybill, Method::PUT, "/courier-activation", says("Say which couriers are worked with", "Activates these couriers in place of those before; an empty list activates all.", Answers::One(Model::Activation)).takes(Model::Activation, None)),
    line(Api::Waybill, Method::GET, "/locations", says("List locations", "A page of places from which parcels are sent, newest first.", Answers::List(Model::ListHead, "locations", Model::Location)).with(&["cursor", "limit"])),
    line(Api::Waybill, Method::POST, "/locations", says("Make a location", "Keeps a place whose address and hours a tracking takes by `location_id`.", Answers::One(Model::Location)).takes(Model::LocationGiven, None).made()),
    line(Api::Waybill, Method::GET, "/locations/{id}", says("Read a location", "One place.", Answers::One(Model::Location))),
    line(Api::Waybill, Method::PATCH, "/locations/{id}", says("Change a location", "Changes what is sent of a place; trackings that were made keep the address they took.", Answers::One(Model::Location)).takes(Model::LocationChange, None)),
    line(Api::Waybill, Method::DELETE, "/locations/{id}", says("Delete a location", "Forgets a place; trackings that were made keep the address they took.", Answers::One(Model::Location))),
    line(Api::Waybill, Method::POST, "/trackings/batch", says("Make many trackings", "Makes up to a thousand trackings and says what became of each, in their order.", Answers::One(Model::Batch)).takes(Model::BatchGiven, None).partly()),
    line(Api::Waybill, Method::POST, "/trackings/{id}/checkpoints", says("Add checkpoints to a tracking", "Adds news that the caller has and the courier lacks; the same again adds nothing.", TRACKING).takes(Model::CheckpointsGiven, None)),
    line(Api::Waybill, Method::GET, "/trackings/{id}/polling", says("How the asking of its couriers goes", "When each courier was asked, what came of it, and when it is asked next.", Answers::One(Model::Polling))),
    line(Api::Waybill, Method::POST, "/trackings/{id}/polling/now", says("Ask its couriers now", "Brings the next asking of each courier to now.", Answers::One(Model::Polling))),
    line(Api::Waybill, Method::POST, "/trackings/{id}/look", says("Somebody looks at it", "Brings the next asking of its couriers to now where the last one is ten minutes old; leaves alone what has ended or is backed off from.", Answers::One(Model::Polling))),
    line(Api::Waybill, Method::GET, "/webhooks", says("List webhooks", "All webhooks, newest first, without their secrets.", Answers::List(Model::ListHead, "webhooks", Model::Webhook))),
    line(Api::Waybill, Method::POST, "/webhooks", says("Make a webhook", "Sends events to an address from now on; this answer alone shows the secret.", Answers::One(Model::WebhookMade)).takes(Model::WebhookGiven, None).made()),
    line(Api::Waybill, Method::GET, "/webhooks/{id}", says("Read a webhook", "One webhook, without its secret.", Answers::One(Model::Webhook))),
    line(Api::Waybill, Method::PATCH, "/webhooks/{id}", says("Change a webhook", "Changes what is sent of a webhook; a new address is unverified until it took a delivery.", Answers::One(Model::Webhook)).takes(Model::WebhookChange, None)),
    line(Api::Waybill, Method::DELETE, "/webhooks/{id}", says("Delete a webhook", "Ends a webhook with its backlog.", Answers::One(Model::Webhook))),
    line(Api::Waybill, Method::POST, "/webhooks/{id}/test", says("Send a sample event", "Sends a sample event at once; the answer names its delivery.", Answers::One(Model::WebhookTest))),
    line(Api::Waybill, Method::POST, "/webhooks/{id}/pause", says("Stop deliveries", "Keeps events back until the webhook is resumed.", Answers::One(Model::Webhook))),
    line(Api::Waybill, Method::POST, "/webhooks/{id}/resume", says("Deliver again, the backlog first", "Sends what was kept back, in order, and then what comes.", Answers::One(Model::Webhook))),
    line(Api::Waybill, Method::POST, "/webhooks/{id}/rotate-secret", says("Make a new secret", "Makes a new secret, which this answer alone shows; the old one signs on for a day.", Answers::One(Model::WebhookMade))),
    line(Api::Waybill, Method::GET, "/webhook-deliveries", says("List deliveries with their attempts", "A page of deliveries, newest first, with what came of each attempt.", Answers::List(Model::DeliveriesHead, "webhook_deliveries", Model::Delivery)).with(&["webhook_id", "event_id", "tracking_id", "status", "cursor", "limit"])),
];

const fn line(api: Api, method: Method, path: &'static str, operation: Operation) -> Line {
    (api, method, path, operation)
}

const fn says(summary: &'static str, description: &'static str, answers: Answers) -> Operation {
    Operation {
        summary,
        description,
        body: None,
        query: None,
        parameters: &[],
        answers,
        creates: false,
        partly: false,
    }
}

impl Operation {
    const fn takes(mut self, body: Model, wrapper: Option<&'static str>) -> Self {
        self.body = Some((body, wrapper));
        self
    }

    const fn partly(mut self) -> Self {
        self.partly = true;
        self
    }

    const fn asks(mut self, query: Model) -> Self {
        self.query = Some(query);
        self
    }

    const fn with(mut self, parameters: &'static [&'static str]) -> Self {
        self.parameters = parameters;
        self
    }

    const fn made(mut self) -> Self {
        self.creates = true;
        self
    }
}
