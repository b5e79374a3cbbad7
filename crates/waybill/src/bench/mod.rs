//! A database full of trackings, for measuring.
//!
//! A few hundred template journeys are made through the service itself on a throw-away database; each
//! tracking to load is a template with other ids, numbers, orders and times put into its texts. So
//! what is loaded is what Waybill itself writes, and a core makes tens of thousands a second.

mod load;
mod pattern;
mod plan;
mod template;
#[cfg(test)]
mod tests;

pub use load::load;
pub use pattern::Moved;
pub use plan::Plan;
pub use template::{Template, templates};
