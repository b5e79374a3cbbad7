//! Pages for people: the console of the API at `/docs/api`, and the couriers at `/docs/supported-couriers`.
//!
//! **For:** pages and what they load, from the binary itself: nothing is fetched from elsewhere, and
//! a policy forbids a page to try.
//!
//! **Must not know:** rules, SQL. A page that needs an organization's data asks the API, as everybody does.
//!
//! **To add a page:** a module with its routes, its files under `assets/`, and its line in
//! [`router`].

mod asset;
mod console;
mod couriers;

use std::sync::Arc;

use axum::Router;
use waybill_couriers::Couriers;

/// The routes of all pages; `couriers` gives the couriers that are loaded now.
pub fn router(couriers: impl Fn() -> Arc<Couriers> + Clone + Send + Sync + 'static) -> Router {
    console::router().merge(couriers::router(couriers))
}
