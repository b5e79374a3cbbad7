//! `GET /couriers/all`, up to 2025-01.

use axum::extract::State;

use super::answer;
use crate::{App, answer::Answer};

/// Answers all couriers there are.
pub(crate) async fn handle(State(app): State<App>) -> Answer {
    Ok(answer(app.service.couriers().all()))
}
