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
mod compressed;
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
mod wishes;

use std::{ops::Deref, sync::Arc};

use axum::Router;
use waybill_service::Service;

use crate::rates::Rates;

pub use around::Around;
pub use limits::*;
pub use openapi::openapi_documents;
pub use rates::{Nodes, RateProfile};
pub use routes::{Api, ROUTES, Route};

/// What every handler can reach; copied for each request, and so one pointer.
#[derive(Clone)]
pub(crate) struct App(Arc<Reached>);

pub(crate) struct Reached {
    pub service: Service,
    pub options: Options,
    pub rates: Rates,
}

impl Deref for App {
    type Target = Reached;

    fn deref(&self) -> &Reached {
        &self.0
    }
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

/// The routes of the API, with an answer for every other path and method. [`Around`] is to be put
/// around them, and around what is mounted beside them.
pub fn router(service: Service, options: Options) -> Router {
    let rates = Rates::new(options.rate_profile, options.nodes.clone());
    let app = App(Arc::new(Reached {
        service,
        options,
        rates,
    }));
    routes::mount(&app).with_state(app)
}
