//! What a tracking is, and how a list of checkpoints becomes a status.
//!
//! **For:** the plain types everything else speaks in (ids, slugs, numbers, countries, carrier
//! times, sub-statuses, checkpoints) and one pure function, [`derive()`], from checkpoints and what
//! is known about the shipment to its status, milestones, attempts, returns, legs, pieces,
//! on-time status and `active`. [`unfold()`] tells which webhook events new checkpoints make;
//! [`issue_flags()`] what an operator should look at.
//!
//! **Must not know:** HTTP, SQL, the JSON of any API version, couriers' formats, the clock
//! (`now` is always an argument), the network or the disk.
//!
//! **To add:** a sub-status is a line in `status.rs`; a country a line in `countries.rs`; a place
//! or policy that is no signature a word in `journey/signature.rs`; a rule of the journey goes in
//! the file under `journey/` that is named for its idea, with a case in `tests/journeys/`.

pub mod address;
pub mod checkpoint;
pub mod clock;
pub mod countries;
pub mod details;
pub mod detected;
pub mod event_time;
pub mod ids;
pub mod issues;
pub mod journey;
pub mod legacy;
mod phrases;
pub mod record;
pub mod search;
pub mod status;
pub mod tracking;
pub mod unfold;
pub mod zone;

pub use address::Address;
pub use checkpoint::{Checkpoint, CheckpointEvent, CheckpointSource, Coordinate};
pub use clock::{Clock, FakeClock};
pub use countries::CountryCode;
pub use details::{Customer, Details, LastMileDetails, PromisedDeliveryDate};
pub use detected::Detected;
pub use event_time::{EventTime, OffsetSource};
pub use ids::{
    ApiKeyId, CourierSlug, DeliveryId, EventId, NodeId, NumberError, OrganizationId, OwnId,
    ResourceId, TrackingKey, TrackingNumber, WebhookId,
};
pub use issues::{IssueFacts, IssueFlag, issue_flags};
pub use journey::{
    Aside, ClockFacts, CompletedReason, Direction, Journey, JourneyInput, Mark, OnTime,
    OnTimeStatus, Promise, QUIET_AFTER, Standing, derive,
};
pub use legacy::{Legacy, split_legacy};
pub use record::{DOCUMENT_VERSION, LearnedEstimate, Record, Told, ToldLastMile};
pub use status::{SubStatus, Tag};
pub use tracking::{
    CustomEstimatedDeliveryDate, Dimensions, EstimatedDelivery, EstimatedDeliveryDate, FirstMile,
    ForwardShipment, LastMile, LatestEstimatedDelivery, Live, Measure, MultiPieceInfo, Piece,
    PredictedDeliveryDate, ProofOfDelivery, Reason, ReturnShipment, Tracking, TrackingCheckpoint,
    TrackingCheckpointEvent,
};
pub use unfold::{Step, StepKind, Unfolding, unfold};
pub use zone::Zone;
