//! What goes over the wire in the newest API version, and the catalogue of API errors.
//!
//! **For:** reading request bodies in the documented order of checks ([`requests`]), the table of
//! every error the API can answer ([`Code`], [`Problem`]), slug groups and the wire types that no
//! document in storage has ([`Courier`]).
//!
//! **Must not know:** HTTP (a status here is a number), SQL, couriers' definitions, the clock.
//!
//! **To add:** an error is a line of the table in `catalogue.rs`; a field of a request is a line of
//! the table beside the request's type; a kind of value is a variant of `requests::fields::Kind`
//! with its reading in `requests/values.rs`; a slug group is a line of `slug_groups.rs`.

mod catalogue;
mod couriers;
mod languages;
mod problem;
pub mod requests;
mod slug_groups;

pub use catalogue::{Code, Entry, Kind};
pub use couriers::{Courier, CourierCredentials, CredentialField};
pub use languages::{LANGUAGES, is_language};
pub use problem::Problem;
pub use requests::{
    ActivateCouriers, CompleteTracking, CreateApiKey, CreateConnection, CreateLocation,
    CreateTracking, CreateWebhook, DetectCourier, GivenCheckpoint, Oauth, PredictDelivery,
    UpdateConnection, UpdateLocation, UpdateTracking, UpdateWebhook,
};
pub use slug_groups::{SLUG_GROUPS, SlugGroup, slug_group};

/// The newest API version: the one shape everything inside knows.
pub const NEWEST: &str = "2026-07";

/// The dated versions that are answered, newest first. Also what a webhook may ask for.
pub const SERVED: &[&str] = &[NEWEST];
