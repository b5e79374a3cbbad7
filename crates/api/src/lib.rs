//! The HTTP API: `/tracking/<version>` and `/waybill/v1`.
//!
//! **For:** routing, the key and its scopes, limits of what is read, the envelope. A handler reads
//! its path, query and body, asks the service, and wraps the answer.
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
mod leftover;
mod limits;
mod once;
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
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
};
use waybill_service::Service;

use crate::rates::Rates;

pub use limits::*;
pub use rates::{Nodes, RateProfile};
pub use routes::{Api, ROUTES, Route, TRACKING_VERSIONS};

/// What every handler can reach.
#[derive(Clone)]
pub(crate) struct App {
    pub service: Service,
    pub options: Options,
    pub rates: Rates,
}

/// What an operator may choose.
#[derive(Debug, Clone, Default)]
pub struct Options {
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

/// The routes of the API, with an answer in the envelope for every other path and method. Health,
/// readiness and metrics are mounted beside it by the binary.
pub fn router(service: Service, options: Options) -> Router {
    let rates = Rates::new(options.rate_profile, options.nodes.clone());
    let app = App {
        service,
        options,
        rates,
    };
    routes::mount(&app)
        .layer(middleware::from_fn(around::around))
        .layer(middleware::from_fn(unchanged::unchanged))
        .layer(compression())
        .with_state(app)
}

/// Answers of some size go out compressed to callers that take that. A feed does not: what it has
/// to tell must not wait for more.
fn compression() -> CompressionLayer<impl Predicate> {
    let sizeable = SizeAbove::new(MIN_COMPRESSED_BYTES).and(NotForContentType::SSE);
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(sizeable)
}
