//! `waybill sandbox`: real couriers' wire formats over HTTP, without an account at any of them.
//!
//! A number of such a courier goes through a journey from its first asking on, [`USUAL_SCRIPT`]
//! unless `POST /journeys` set another. Each imitation is one module (`ups`, `fedex`, …) that answers the
//! courier's own paths in the courier's own words; point the courier's `base_url` here.
//!
//! To add an imitation, write its module with a `routes()` and add it to [`router`] and to
//! `IMITATED`.

mod dhl;
mod fedex;
mod journeys;
mod local;
mod tokens;
mod ups;
mod usps;
mod words;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use waybill_couriers::sandbox::{Script, Step};
use waybill_couriers::{Couriers, Hints};
use waybill_model::{Clock, CourierSlug, Tag, TrackingNumber};

use journeys::{Journey, Journeys};

/// What a number goes through when nobody set anything else: a letter a sandbox minute.
pub const USUAL_SCRIPT: &str = "ITTOD";

/// Minutes between two events, as the testing courier's grammar has them.
const MINUTES: std::ops::RangeInclusive<u32> = 1..=20;

/// The couriers whose wire format is imitated.
const IMITATED: &[&str] = &["ups", "fedex", "usps", "dhl"];

/// No request to the sandbox comes near this size.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// What the sandbox runs on.
pub struct Options {
    /// The couriers whose number formats decide which numbers are well-formed.
    pub couriers: Arc<Couriers>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// How many seconds a sandbox minute lasts.
    pub seconds_per_minute: f64,
}

/// Serves the sandbox on a listener until `shutdown` is ready; answers under way are finished.
pub async fn serve(
    listener: TcpListener,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Small answers should not wait to be merged; if the socket refuses, they come a little later.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router(options))
        .with_graceful_shutdown(shutdown)
        .await
}

/// Every route of the sandbox.
pub fn router(options: Options) -> Router {
    let sandbox = Sandbox {
        options,
        journeys: Mutex::default(),
    };
    Router::new()
        .route("/journeys", post(set_journey))
        .merge(ups::routes())
        .merge(fedex::routes())
        .merge(usps::routes())
        .merge(dhl::routes())
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    options: Options,
    journeys: Mutex<Journeys>,
}

impl Sandbox {
    /// The number as the courier writes it, if it is one of that courier's.
    fn well_formed(&self, slug: &str, number: &str) -> Option<String> {
        let number = TrackingNumber::parse(number).ok()?.to_string();
        let hints = Hints {
            slugs: Some(vec![CourierSlug::parse(slug)?]),
            ..Hints::default()
        };
        let candidates = self.options.couriers.detect(&number, &hints);
        let claimed = candidates
            .iter()
            .any(|candidate| candidate.slug.as_str() == slug);
        claimed.then_some(number)
    }

    /// What is told of a number, if it is a well-formed one of that courier's.
    fn tell(&self, slug: &str, number: &str) -> Option<Told> {
        let number = self.well_formed(slug, number)?;
        let journey = self.ask(&number)?;
        let factor = self.options.seconds_per_minute;
        let happened = journey.count(self.options.clock.now(), factor);
        Some(Told {
            number,
            timetable: journey.timetable(factor),
            happened,
        })
    }

    /// The journey of a well-formed number, begun with this asking if it is the first.
    fn ask(&self, number: &str) -> Option<Journey> {
        let usual = Script::parse(USUAL_SCRIPT)?;
        let now = self.options.clock.now();
        let journey = self
            .journeys()
            .ask(number, now, || Journey::new(usual, *MINUTES.start()));
        Some(journey)
    }

    /// Journeys are replaced whole, so a poisoned lock holds good values.
    fn journeys(&self) -> std::sync::MutexGuard<'_, Journeys> {
        self.journeys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number and its timetable, of which the first events have happened.
struct Told {
    number: String,
    timetable: Vec<Step>,
    happened: usize,
}

impl Told {
    /// What has happened, oldest first.
    fn known(&self) -> &[Step] {
        self.timetable
            .get(..self.happened)
            .unwrap_or(&self.timetable)
    }

    /// The delivery, if it has happened.
    fn delivery(&self) -> Option<&Step> {
        self.known()
            .iter()
            .rfind(|step| step.sub_status.tag() == Tag::Delivered)
    }
}

#[derive(Deserialize)]
struct SetJourney {
    number: String,
    script: String,
    minutes: Option<u32>,
}

/// `POST /journeys {number, script, minutes}`: the number goes through this script from its next
/// asking on.
async fn set_journey(State(sandbox): State<Arc<Sandbox>>, body: String) -> Response {
    match read_journey(&sandbox, &body) {
        Err(message) => {
            let problem = Json(json!({ "error": message }));
            (StatusCode::BAD_REQUEST, problem).into_response()
        }
        Ok((number, journey)) => {
            let steps: Vec<_> = journey
                .script
                .steps()
                .iter()
                .map(|step| step.code())
                .collect();
            let answer = json!({ "number": number, "minutes": journey.minutes, "steps": steps });
            sandbox.journeys().set(number, journey);
            Json(answer).into_response()
        }
    }
}

fn read_journey(sandbox: &Sandbox, body: &str) -> Result<(String, Journey), String> {
    let wish: SetJourney = serde_json::from_str(body)
        .map_err(|error| format!("the body is not {{number, script, minutes}}: {error}"))?;
    let number = IMITATED
        .iter()
        .find_map(|slug| sandbox.well_formed(slug, &wish.number))
        .ok_or_else(|| {
            format!(
                "number: not a well-formed number of {}",
                IMITATED.join(", ")
            )
        })?;
    let script = Script::parse(&wish.script.to_ascii_uppercase()).ok_or(
        "script: one to ten letters of I T O A F E D, each with an optional three-digit \
         sub-status that exists, such as I001T001E010",
    )?;
    let minutes = wish.minutes.unwrap_or(*MINUTES.start());
    if !MINUTES.contains(&minutes) {
        return Err(format!(
            "minutes: {minutes} is not from {} to {}",
            MINUTES.start(),
            MINUTES.end()
        ));
    }
    Ok((number, Journey::new(script, minutes)))
}
