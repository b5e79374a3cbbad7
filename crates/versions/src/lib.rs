//! What goes over the wire, in every version of the API, and the catalogue of API errors.
//!
//! **For:** reading request bodies in the documented order of checks ([`requests`]), the versions as
//! tables of changes (`changes/`) that lift bodies to the newest shape and [`lower`] answers from it,
//! the table of every error the API can answer ([`Code`], [`Problem`]), slug groups and the wire types
//! that no document in storage has ([`Courier`]).
//!
//! **Must not know:** HTTP (a status here is a number), SQL, couriers' definitions, the clock.
//!
//! **To add:** an error is a line of the table in `catalogue.rs`; a field of a request is a line of
//! the table beside the request's type, one of an answer a line in `schema/`; a kind of value is a
//! variant of `fields::Kind` with its reading in `requests/values.rs`; a slug group is a line of
//! `slug_groups.rs`. A version is a variant of [`Version`], a file in `changes/` that says what the
//! version before it said otherwise, and the lines of `rules.rs` that end there.

mod catalogue;
mod change;
mod changes;
mod couriers;
mod fields;
mod languages;
mod lift;
mod members;
mod model;
mod page;
mod plan;
mod problem;
pub mod requests;
mod rules;
mod schema;
mod schemas;
mod slug_groups;
mod tables;
mod version;

pub use catalogue::{Code, Entry, Kind};
pub use couriers::{Courier, CourierCredentials, CredentialField};
pub use languages::{LANGUAGES, is_language};
pub use model::Model;
pub use page::versions_page;
pub use plan::{lower, lower_event};
pub use problem::Problem;
pub use requests::{
    ActivateCouriers, CompleteTracking, CreateApiKey, CreateConnection, CreateLocation,
    CreateTracking, CreateWebhook, DetectCourier, GivenCheckpoint, GivenNotification, Oauth,
    PredictDelivery, ReadBody, UpdateConnection, UpdateLocation, UpdateTracking, UpdateWebhook,
    read_body,
};
pub use schemas::Side;
pub use slug_groups::{SLUG_GROUPS, SlugGroup, slug_group};
pub use version::{Version, Versions};
