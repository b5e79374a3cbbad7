//! Pages for people: the console of the API at `/docs/api`.
//!
//! **For:** pages and what they load, from the binary itself: nothing is fetched from elsewhere, and
//! a policy forbids a page to try.
//!
//! **Must not know:** rules, SQL. A page that needs data asks the API, as everybody does.
//!
//! **To add a page:** a module with its routes, its files under `assets/`, and its line in
//! [`router`].

mod asset;
mod console;

use axum::Router;

/// The routes of all pages.
pub fn router() -> Router {
    console::router()
}
