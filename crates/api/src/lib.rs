//! The HTTP API: `/tracking/<version>`, `/v4` and `/waybill/v1`.
//!
//! **For:** routing, the key and its scopes, limits of what is read, the envelope. A handler reads
//! its path, query and body, asks the service, and says which shape its answer has. It sees the newest
//! version alone: `body.rs`, `query.rs` and `path.rs` bring a request up to it, `answer.rs` an answer
//! down.
//!
//! **Must not know:** any rule of the business, SQL, couriers' formats. Documents of trackings pass
//! through as text.
//!
//! **To add a route:** a file named as the route with one `handle`, and a line in [`ROUTES`] with
//! its scope; the isolation test then asks for a line of its own.

mod answer;
mod around;
mod body;
mod caller;
mod courier_connections;
mod couriers;
mod cursor;
mod estimated_delivery_date;
mod fields;
mod front;
mod last_checkpoint;
mod leftover;
mod limits;
mod notifications;
mod once;
mod openapi;
mod page;
mod path;
mod query;
mod rates;
mod routes;
mod signature;
mod trackings;
mod translated;
mod unchanged;
mod waybill;

use axum::{Router, middleware};
use tower::util::MapRequest;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
};
use waybill_service::Service;
use waybill_versions::Version;

use crate::rates::Rates;

pub use limits::*;
pub use openapi::openapi_documents;
pub use rates::{Nodes, RateProfile};
pub use routes::{Api, ROUTES, Route};

/// What every handler can reach.
#[derive(Clone)]
pub(crate) struct App {
    pub service: Service,
    pub options: Options,
    pub rates: Rates,
}

/// What an operator may choose.
#[derive(Debug, Clone)]
pub struct Options {
    /// Requests of older versions are answered in this one.
    pub min_version: Version,
    /// Whether signatures that leave a part of the request unsigned are taken, too: some old clients
    /// make no others.
    pub lenient_signatures: bool,
    /// Whether a signature of anything but a GET counts once.
    pub replay_guard: bool,
    /// How many requests an organization may send in a second.
    pub rate_profile: RateProfile,
    /// The nodes that share this.
    pub nodes: Nodes,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            min_version: Version::V4,
            lenient_signatures: false,
            replay_guard: false,
            rate_profile: RateProfile::default(),
            nodes: Nodes::default(),
        }
    }
}

/// The routes of the API, with an answer in the envelope for every other path and method. Health,
/// readiness and metrics are mounted beside it by the binary.
pub fn router(service: Service, options: Options) -> Router {
    let rates = Rates::new(options.rate_profile, options.nodes.clone());
    let app = App {
        service,
        options,
        rates,
    };
    let oldest = app.options.min_version;
    let routes = routes::mount(&app)
        .layer(middleware::from_fn(around::around))
        .layer(middleware::from_fn(unchanged::unchanged))
        .layer(compression())
        .with_state(app);
    // The path is brought to its inner form before it is routed.
    let entered = MapRequest::new(routes, move |request| front::enter(request, oldest));
    openapi::router().fallback_service(entered)
}

/// Answers of some size go out compressed to callers that take that. A feed does not: what it has
/// to tell must not wait for more.
fn compression() -> CompressionLayer<impl Predicate> {
    let sizeable = SizeAbove::new(MIN_COMPRESSED_BYTES).and(NotForContentType::SSE);
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(sizeable)
}
