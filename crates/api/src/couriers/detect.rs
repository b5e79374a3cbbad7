//! `POST /couriers/detect`.

use axum::extract::State;
use waybill_versions::DetectCourier;

use super::answer;
use crate::{App, answer::Answer, body::Body, caller::Caller};

/// Answers the couriers that may have a number, likeliest first; none is no fault.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<DetectCourier>,
) -> Answer {
    let slugs = app
        .service
        .detect_couriers(caller.organization, &request)
        .await?;
    let couriers = app.service.couriers();
    Ok(answer(
        slugs.iter().filter_map(|slug| couriers.get(slug.as_str())),
    ))
}
