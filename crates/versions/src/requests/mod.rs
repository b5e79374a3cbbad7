//! Reading request bodies.
//!
//! Checks go in the documented order, so that a body with several faults always answers the same:
//! JSON (4001), number missing (4007), number invalid (4005), other required fields (4009), values
//! (4008, in the order of the tables), own id (4015), slug (4010). What needs couriers or storage
//! comes after, in the service.
//!
//! Unknown fields are ignored. Null is absence when something is made, and clears when something is
//! changed. An empty text is refused where the documented minimum is one character; everywhere else
//! it counts as null.

pub(crate) mod activation;
pub(crate) mod api_keys;
mod batch;
mod body;
pub(crate) mod checkpoints;
pub(crate) mod complete;
mod connections;
pub(crate) mod create;
pub(crate) mod details;
pub(crate) mod detect;
mod headers;
pub(crate) mod locations;
pub(crate) mod notification;
mod object;
pub(crate) mod predict;
pub(crate) mod update;
pub(crate) mod values;
pub(crate) mod webhooks;

use crate::fields;

pub use activation::ActivateCouriers;
pub use api_keys::CreateApiKey;
pub use batch::MAX_BATCH;
pub use body::{ReadBody, read_body};
pub use checkpoints::{GivenCheckpoint, MAX_CHECKPOINTS};
pub use complete::CompleteTracking;
pub use connections::{CreateConnection, GivenCredentials, MASK, SECRET, UpdateConnection};
pub use create::CreateTracking;
pub use detect::DetectCourier;
pub use headers::{MAX_HEADERS, is_reserved_header};
pub use locations::{CreateLocation, UpdateLocation};
pub use notification::GivenNotification;
pub use predict::{MAX_PREDICTIONS, PredictDelivery};
pub use update::UpdateTracking;
pub use values::to_country;
pub use webhooks::{CreateWebhook, Oauth, UpdateWebhook};
