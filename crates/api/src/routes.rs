//! The table of all routes.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::Method,
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, patch, post, put},
};

use waybill_versions::{Code, Version, Versions};

use crate::{
    App, MAX_BATCH_BODY_BYTES, MAX_BODY_BYTES,
    answer::Refused,
    body::BodyLimit,
    caller::{Guard, guard},
    courier_connections, couriers,
    estimated_delivery_date::{predict, predict_batch},
    last_checkpoint, notifications, openapi,
    rates::{Endpoint, RateProfile},
    trackings,
    waybill::{
        api_keys, batch, checkpoints, courier_activation, locations, look, polling, push,
        webhook_deliveries, webhooks,
    },
};

/// Under which prefixes a route stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// `/v4` or `/tracking/<version>`.
    Tracking,
    /// `/waybill/v1`.
    Waybill,
}

/// A line of the table.
#[derive(Clone)]
pub struct Route {
    /// Where it stands.
    pub api: Api,
    /// Its method.
    pub method: Method,
    /// Its path below the prefix.
    pub path: &'static str,
    /// The versions of the tracking API that have it.
    pub versions: Versions,
    /// What its caller's key has to open.
    pub scope: &'static str,
    /// The most bytes its body may have.
    pub max_body: usize,
    handler: fn() -> MethodRouter<App>,
}

impl Route {
    const fn with_body(mut self, max_body: usize) -> Self {
        self.max_body = max_body;
        self
    }

    /// Every path it has for callers.
    pub fn paths(&self) -> Vec<String> {
        match self.api {
            Api::Tracking => self
                .versions
                .iter()
                .map(|version| format!("{}{}", version.base_path(), self.path))
                .collect(),
            Api::Waybill => vec![format!("{WAYBILL}{}", self.path)],
        }
    }

    /// Only these versions have it.
    const fn only(mut self, versions: Versions) -> Self {
        self.versions = versions;
        self
    }

    /// Its path for the router, which knows the newest version's paths alone and wants one name for
    /// what stands in one place.
    fn inside(&self) -> String {
        let prefix = match self.api {
            Api::Tracking => Version::NEWEST.base_path(),
            Api::Waybill => WAYBILL.to_owned(),
        };
        let path = self.path.replace("{slug}", "{id}");
        format!("{prefix}{path}")
    }

    /// The endpoint whose limit this is: one for all versions, and for both spellings of its path.
    fn endpoint(&self, profile: RateProfile) -> Endpoint {
        let path = |route: &Self| route.path.trim_end_matches('/').to_owned();
        let same = |route: &&Self| {
            route.api == self.api && route.method == self.method && path(route) == path(self)
        };
        Endpoint {
            number: ROUTES.iter().take_while(|route| !same(route)).count(),
            ceiling: profile.ceiling(self.api == Api::Tracking, &self.method, self.path),
        }
    }
}

/// The prefix of our own API.
const WAYBILL: &str = "/waybill/v1";

/// Trackings are reached by slug and number, too.
const BY_NUMBER: Versions = Versions::until(Version::V2024_07);
/// The calls about the last checkpoint.
const LAST_CHECKPOINT: Versions = Versions::until(Version::V2024_04);
/// One shipment's date alone.
const PREDICTION: Versions = Versions::since(Version::V2025_01);
/// Connections with couriers.
const CONNECTIONS: Versions = Versions::since(Version::V2025_04);
/// The calls about who hears of a tracking.
const NOTIFICATIONS: Versions = Versions::until(Version::V2024_04);
/// All couriers had a call of their own.
const ALL_COURIERS: Versions = Versions::until(Version::V2025_01);

const TRACKING_READ: &str = "aftership:tracking:read";
const TRACKING_WRITE: &str = "aftership:tracking:write";
const COURIER_READ: &str = "aftership:courier:read";
const COURIER_WRITE: &str = "aftership:courier:write";
const DELIVERY_DATE_WRITE: &str = "aftership:estimated_delivery_date:write";
const CONNECTION_READ: &str = "aftership:carrier_connection:read";
const CONNECTION_WRITE: &str = "aftership:carrier_connection:write";
const LOCATION_READ: &str = "aftership:location:read";
const LOCATION_WRITE: &str = "aftership:location:write";
const KEY_READ: &str = "aftership:api_key:read";
const KEY_WRITE: &str = "aftership:api_key:write";
const WEBHOOK_READ: &str = "aftership:webhook:read";
const WEBHOOK_WRITE: &str = "aftership:webhook:write";

/// All routes.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    tracking(Method::GET, "/trackings", TRACKING_READ, || get(trackings::list::handle)),
    tracking(Method::POST, "/trackings", TRACKING_WRITE, || post(trackings::create::handle)),
    tracking(Method::GET, "/trackings/{id}", TRACKING_READ, || get(trackings::get::handle)),
    tracking(Method::PUT, "/trackings/{id}", TRACKING_WRITE, || put(trackings::update::handle)),
    tracking(Method::DELETE, "/trackings/{id}", TRACKING_WRITE, || delete(trackings::delete::handle)),
    tracking(Method::POST, "/trackings/{id}/retrack", TRACKING_WRITE, || post(trackings::retrack::handle)),
    tracking(Method::POST, "/trackings/{id}/mark-as-completed", TRACKING_WRITE, || post(trackings::mark_as_completed::handle)),
    tracking(Method::GET, "/trackings/{slug}/{tracking_number}", TRACKING_READ, || get(trackings::get::handle)).only(BY_NUMBER),
    tracking(Method::PUT, "/trackings/{slug}/{tracking_number}", TRACKING_WRITE, || put(trackings::update::handle)).only(BY_NUMBER),
    tracking(Method::DELETE, "/trackings/{slug}/{tracking_number}", TRACKING_WRITE, || delete(trackings::delete::handle)).only(BY_NUMBER),
    tracking(Method::POST, "/trackings/{slug}/{tracking_number}/retrack", TRACKING_WRITE, || post(trackings::retrack::handle)).only(BY_NUMBER),
    tracking(Method::POST, "/trackings/{slug}/{tracking_number}/mark-as-completed", TRACKING_WRITE, || post(trackings::mark_as_completed::handle)).only(BY_NUMBER),
    tracking(Method::GET, "/last_checkpoint/{id}", TRACKING_READ, || get(last_checkpoint::handle)).only(LAST_CHECKPOINT),
    tracking(Method::GET, "/last_checkpoint/{slug}/{tracking_number}", TRACKING_READ, || get(last_checkpoint::handle)).only(LAST_CHECKPOINT),
    tracking(Method::GET, "/notifications/{id}", TRACKING_READ, || get(notifications::get::handle)).only(NOTIFICATIONS),
    tracking(Method::POST, "/notifications/{id}/add", TRACKING_WRITE, || post(notifications::add::handle)).only(NOTIFICATIONS),
    tracking(Method::POST, "/notifications/{id}/remove", TRACKING_WRITE, || post(notifications::remove::handle)).only(NOTIFICATIONS),
    tracking(Method::GET, "/notifications/{slug}/{tracking_number}", TRACKING_READ, || get(notifications::get::handle)).only(NOTIFICATIONS),
    tracking(Method::POST, "/notifications/{slug}/{tracking_number}/add", TRACKING_WRITE, || post(notifications::add::handle)).only(NOTIFICATIONS),
    tracking(Method::POST, "/notifications/{slug}/{tracking_number}/remove", TRACKING_WRITE, || post(notifications::remove::handle)).only(NOTIFICATIONS),
    tracking(Method::GET, "/couriers/all", COURIER_READ, || get(couriers::all::handle)).only(ALL_COURIERS),
    tracking(Method::GET, "/couriers", COURIER_READ, || get(couriers::list::handle)),
    tracking(Method::POST, "/couriers/detect", COURIER_WRITE, || post(couriers::detect::handle)),
    tracking(Method::POST, "/couriers/detect/", COURIER_WRITE, || post(couriers::detect::handle)),
    tracking(Method::POST, "/estimated-delivery-date/predict", DELIVERY_DATE_WRITE, || post(predict::handle)).only(PREDICTION),
    tracking(Method::POST, "/estimated-delivery-date/predict-batch", DELIVERY_DATE_WRITE, || post(predict_batch::handle)),
    tracking(Method::GET, "/courier-connections", CONNECTION_READ, || get(courier_connections::list::handle)).only(CONNECTIONS),
    tracking(Method::POST, "/courier-connections", CONNECTION_WRITE, || post(courier_connections::create::handle)).only(CONNECTIONS),
    tracking(Method::GET, "/courier-connections/{id}", CONNECTION_READ, || get(courier_connections::get::handle)).only(CONNECTIONS),
    tracking(Method::PATCH, "/courier-connections/{id}", CONNECTION_WRITE, || patch(courier_connections::update::handle)).only(CONNECTIONS),
    tracking(Method::DELETE, "/courier-connections/{id}", CONNECTION_WRITE, || delete(courier_connections::delete::handle)).only(CONNECTIONS),

    waybill(Method::POST, "/trackings/batch", TRACKING_WRITE, || post(batch::handle)).with_body(MAX_BATCH_BODY_BYTES),
    waybill(Method::GET, "/api-keys", KEY_READ, || get(api_keys::list::handle)),
    waybill(Method::POST, "/api-keys", KEY_WRITE, || post(api_keys::create::handle)),
    waybill(Method::DELETE, "/api-keys/{id}", KEY_WRITE, || delete(api_keys::revoke::handle)),
    waybill(Method::GET, "/courier-activation", COURIER_READ, || get(courier_activation::get::handle)),
    waybill(Method::PUT, "/courier-activation", COURIER_WRITE, || put(courier_activation::put::handle)),
    waybill(Method::GET, "/locations", LOCATION_READ, || get(locations::list::handle)),
    waybill(Method::POST, "/locations", LOCATION_WRITE, || post(locations::create::handle)),
    waybill(Method::GET, "/locations/{id}", LOCATION_READ, || get(locations::get::handle)),
    waybill(Method::PATCH, "/locations/{id}", LOCATION_WRITE, || patch(locations::update::handle)),
    waybill(Method::DELETE, "/locations/{id}", LOCATION_WRITE, || delete(locations::delete::handle)),
    waybill(Method::POST, "/trackings/{id}/checkpoints", TRACKING_WRITE, || post(checkpoints::handle)),
    waybill(Method::GET, "/trackings/{id}/polling", TRACKING_READ, || get(polling::get::handle)),
    waybill(Method::POST, "/trackings/{id}/polling/now", TRACKING_WRITE, || post(polling::now::handle)),
    waybill(Method::POST, "/trackings/{id}/look", TRACKING_WRITE, || post(look::handle)),
    waybill(Method::GET, "/webhooks", WEBHOOK_READ, || get(webhooks::list::handle)),
    waybill(Method::POST, "/webhooks", WEBHOOK_WRITE, || post(webhooks::create::handle)),
    waybill(Method::GET, "/webhooks/{id}", WEBHOOK_READ, || get(webhooks::get::handle)),
    waybill(Method::PATCH, "/webhooks/{id}", WEBHOOK_WRITE, || patch(webhooks::update::handle)),
    waybill(Method::DELETE, "/webhooks/{id}", WEBHOOK_WRITE, || delete(webhooks::delete::handle)),
    waybill(Method::POST, "/webhooks/{id}/test", WEBHOOK_WRITE, || post(webhooks::test::handle)),
    waybill(Method::POST, "/webhooks/{id}/pause", WEBHOOK_WRITE, || post(webhooks::pause::handle)),
    waybill(Method::POST, "/webhooks/{id}/resume", WEBHOOK_WRITE, || post(webhooks::resume::handle)),
    waybill(Method::POST, "/webhooks/{id}/rotate-secret", WEBHOOK_WRITE, || post(webhooks::rotate_secret::handle)),
    waybill(Method::GET, "/webhook-deliveries", WEBHOOK_READ, || get(webhook_deliveries::handle)),
];

/// Mounts the table. The order of a request is route, key, rate, scope, then the handler's own.
pub(crate) fn mount(app: &App) -> Router<App> {
    let mut router = Router::new();
    for route in ROUTES {
        let guarded = Guard {
            app: app.clone(),
            scope: route.scope,
            versions: (route.api == Api::Tracking).then_some(route.versions),
            endpoint: route.endpoint(app.options.rate_profile),
            body_limit: BodyLimit(route.max_body),
            shared: Endpoint {
                number: ROUTES.len(),
                ceiling: app.options.rate_profile.shared_ceiling(),
            },
        };
        let guarded = middleware::from_fn_with_state(Arc::new(guarded), guard);
        // Only for the route's own method: another method is no route and asks for no key.
        let handler = (route.handler)().route_layer(guarded);
        router = router.route(&route.inside(), handler);
    }
    router
        // Couriers have no key of ours.
        .route("/waybill/v1/push/{slug}/{token}", post(push::handle))
        .route("/docs/openapi/{file}", get(openapi::handle))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
}

/// The answer to a path or method that there is not.
async fn not_found(State(app): State<App>) -> Response {
    let profile = app.options.rate_profile;
    let nowhere = Endpoint {
        number: ROUTES.len(),
        ceiling: profile.ceiling(true, &Method::GET, ""),
    };
    let mut response = Refused::from(Code::NotFound).into_response();
    let rate = app.rates.untouched(nowhere, app.service.now());
    rate.show(response.headers_mut());
    response
}

const fn tracking(
    method: Method,
    path: &'static str,
    scope: &'static str,
    handler: fn() -> MethodRouter<App>,
) -> Route {
    Route {
        api: Api::Tracking,
        method,
        path,
        versions: Versions::ALL,
        scope,
        max_body: MAX_BODY_BYTES,
        handler,
    }
}

const fn waybill(
    method: Method,
    path: &'static str,
    scope: &'static str,
    handler: fn() -> MethodRouter<App>,
) -> Route {
    Route {
        api: Api::Waybill,
        method,
        path,
        versions: Versions::ALL,
        scope,
        max_body: MAX_BODY_BYTES,
        handler,
    }
}
