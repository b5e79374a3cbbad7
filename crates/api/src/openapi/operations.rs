//! What each route does, for the documents: one line a route.

use axum::http::Method;
use waybill_versions::Model;

use crate::routes::{Api, Route};

/// What a route says and answers.
pub(super) struct Operation {
    pub summary: &'static str,
    /// Its body, and what versions up to 2024-04 put around it.
    pub body: Option<(Model, Option<&'static str>)>,
    /// It takes a body that is not described further.
    pub takes_json: bool,
    pub query: Option<Model>,
    /// Parameters of its query beside those.
    pub parameters: &'static [&'static str],
    pub answers: Answers,
    /// It answers 201.
    pub creates: bool,
}

/// What stands in `data`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answers {
    /// Something that no version changes.
    Object,
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
    line(Api::Tracking, Method::GET, "/trackings", says("List trackings", TRACKINGS).asks(Model::TrackingsQuery).with(&["lang"])),
    line(Api::Tracking, Method::POST, "/trackings", says("Follow a number", TRACKING).takes(Model::Create, Some("tracking")).made()),
    line(Api::Tracking, Method::GET, "/trackings/{id}", says("Read a tracking", TRACKING).with(SHOWN)),
    line(Api::Tracking, Method::PUT, "/trackings/{id}", says("Change a tracking", TRACKING).takes(Model::Update, Some("tracking"))),
    line(Api::Tracking, Method::DELETE, "/trackings/{id}", says("Delete a tracking", DELETED)),
    line(Api::Tracking, Method::POST, "/trackings/{id}/retrack", says("Follow an inactive tracking again", RETRACKED)),
    line(Api::Tracking, Method::POST, "/trackings/{id}/mark-as-completed", says("End a tracking by hand", TRACKING).takes(Model::Complete, None)),
    line(Api::Tracking, Method::GET, "/trackings/{slug}/{tracking_number}", says("Read a tracking", TRACKING).with(SHOWN_BY_NUMBER)),
    line(Api::Tracking, Method::PUT, "/trackings/{slug}/{tracking_number}", says("Change a tracking", TRACKING).takes(Model::Update, Some("tracking")).with(ADDITIONAL)),
    line(Api::Tracking, Method::DELETE, "/trackings/{slug}/{tracking_number}", says("Delete a tracking", DELETED).with(ADDITIONAL)),
    line(Api::Tracking, Method::POST, "/trackings/{slug}/{tracking_number}/retrack", says("Follow an inactive tracking again", RETRACKED).with(ADDITIONAL)),
    line(Api::Tracking, Method::POST, "/trackings/{slug}/{tracking_number}/mark-as-completed", says("End a tracking by hand", TRACKING).takes(Model::Complete, None).with(ADDITIONAL)),
    line(Api::Tracking, Method::GET, "/last_checkpoint/{id}", says("The newest checkpoint of a tracking", LAST_CHECKPOINT).with(SHOWN)),
    line(Api::Tracking, Method::GET, "/last_checkpoint/{slug}/{tracking_number}", says("The newest checkpoint of a tracking", LAST_CHECKPOINT).with(SHOWN_BY_NUMBER)),
    line(Api::Tracking, Method::GET, "/notifications/{id}", says("Who hears of a tracking", NOTIFICATION)),
    line(Api::Tracking, Method::POST, "/notifications/{id}/add", says("Tell more addresses", NOTIFICATION).takes(Model::NotificationGiven, Some("notification")).made()),
    line(Api::Tracking, Method::POST, "/notifications/{id}/remove", says("Tell fewer addresses", NOTIFICATION).takes(Model::NotificationGiven, Some("notification"))),
    line(Api::Tracking, Method::GET, "/notifications/{slug}/{tracking_number}", says("Who hears of a tracking", NOTIFICATION).with(ADDITIONAL)),
    line(Api::Tracking, Method::POST, "/notifications/{slug}/{tracking_number}/add", says("Tell more addresses", NOTIFICATION).takes(Model::NotificationGiven, Some("notification")).with(ADDITIONAL).made()),
    line(Api::Tracking, Method::POST, "/notifications/{slug}/{tracking_number}/remove", says("Tell fewer addresses", NOTIFICATION).takes(Model::NotificationGiven, Some("notification")).with(ADDITIONAL)),
    line(Api::Tracking, Method::GET, "/couriers", says("List couriers", COURIERS).asks(Model::CouriersQuery)),
    line(Api::Tracking, Method::GET, "/couriers/all", says("List all couriers", COURIERS)),
    line(Api::Tracking, Method::POST, "/couriers/detect", says("Whose number may this be?", COURIERS).takes(Model::Detect, Some("tracking"))),
    line(Api::Tracking, Method::POST, "/estimated-delivery-date/predict", says("When would it arrive?", PREDICTION).takes(Model::PredictionGiven, None)),
    line(Api::Tracking, Method::POST, "/estimated-delivery-date/predict-batch", says("When would they arrive?", PREDICTIONS).takes(Model::PredictionsGiven, None)),
    line(Api::Tracking, Method::GET, "/courier-connections", says("List your accounts with couriers", Answers::Object).with(&["courier_slug", "cursor", "limit"])),
    line(Api::Tracking, Method::POST, "/courier-connections", says("Add an account", Answers::Object).takes_json().made()),
    line(Api::Tracking, Method::GET, "/courier-connections/{id}", says("Read an account", Answers::Object)),
    line(Api::Tracking, Method::PATCH, "/courier-connections/{id}", says("Change an account", Answers::Object).takes_json()),
    line(Api::Tracking, Method::DELETE, "/courier-connections/{id}", says("Delete an account", Answers::Object)),

    line(Api::Waybill, Method::GET, "/api-keys", says("List keys", Answers::Object)),
    line(Api::Waybill, Method::POST, "/api-keys", says("Make a key", Answers::Object).takes_json().made()),
    line(Api::Waybill, Method::DELETE, "/api-keys/{id}", says("End a key", Answers::Object)),
    line(Api::Waybill, Method::GET, "/courier-activation", says("Which couriers are worked with", Answers::Object)),
    line(Api::Waybill, Method::PUT, "/courier-activation", says("Say which couriers are worked with", Answers::Object).takes_json()),
    line(Api::Waybill, Method::GET, "/locations", says("List locations", Answers::Object).with(&["cursor", "limit"])),
    line(Api::Waybill, Method::POST, "/locations", says("Make a location", Answers::Object).takes_json().made()),
    line(Api::Waybill, Method::GET, "/locations/{id}", says("Read a location", Answers::Object)),
    line(Api::Waybill, Method::PATCH, "/locations/{id}", says("Change a location", Answers::Object).takes_json()),
    line(Api::Waybill, Method::DELETE, "/locations/{id}", says("Delete a location", Answers::Object)),
    line(Api::Waybill, Method::POST, "/trackings/batch", says("Make many trackings", Answers::Object).takes_json()),
    line(Api::Waybill, Method::POST, "/trackings/{id}/checkpoints", says("Add checkpoints to a tracking", TRACKING).takes_json()),
    line(Api::Waybill, Method::GET, "/trackings/{id}/polling", says("How the asking of its couriers goes", Answers::Object)),
    line(Api::Waybill, Method::POST, "/trackings/{id}/polling/now", says("Ask its couriers now", Answers::Object)),
    line(Api::Waybill, Method::GET, "/webhooks", says("List webhooks", Answers::Object).with(&["cursor", "limit"])),
    line(Api::Waybill, Method::POST, "/webhooks", says("Make a webhook", Answers::Object).takes_json().made()),
    line(Api::Waybill, Method::GET, "/webhooks/{id}", says("Read a webhook", Answers::Object)),
    line(Api::Waybill, Method::PATCH, "/webhooks/{id}", says("Change a webhook", Answers::Object).takes_json()),
    line(Api::Waybill, Method::DELETE, "/webhooks/{id}", says("Delete a webhook", Answers::Object)),
    line(Api::Waybill, Method::POST, "/webhooks/{id}/test", says("Send a sample event", Answers::Object)),
    line(Api::Waybill, Method::POST, "/webhooks/{id}/pause", says("Stop deliveries", Answers::Object)),
    line(Api::Waybill, Method::POST, "/webhooks/{id}/resume", says("Deliver again, the backlog first", Answers::Object)),
    line(Api::Waybill, Method::POST, "/webhooks/{id}/rotate-secret", says("Make a new secret", Answers::Object)),
    line(Api::Waybill, Method::GET, "/webhook-deliveries", says("List deliveries with their attempts", Answers::Object).with(&["webhook_id", "event_id", "tracking_id", "status", "cursor", "limit"])),
];

const fn line(api: Api, method: Method, path: &'static str, operation: Operation) -> Line {
    (api, method, path, operation)
}

const fn says(summary: &'static str, answers: Answers) -> Operation {
    Operation {
        summary,
        body: None,
        takes_json: false,
        query: None,
        parameters: &[],
        answers,
        creates: false,
    }
}

impl Operation {
    const fn takes(mut self, body: Model, wrapper: Option<&'static str>) -> Self {
        self.body = Some((body, wrapper));
        self
    }

    const fn takes_json(mut self) -> Self {
        self.takes_json = true;
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
