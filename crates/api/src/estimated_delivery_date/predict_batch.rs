//! `POST /estimated-delivery-date/predict-batch`.

use axum::extract::State;
use serde_json::json;
use waybill_versions::{Model, PredictDelivery};

use crate::{
    App,
    answer::{Answer, Data},
    body::Body,
};

/// Answers when each of up to five shipments will arrive; one that is at fault refuses all.
pub(crate) async fn handle(
    State(app): State<App>,
    Body(requests): Body<Vec<PredictDelivery>>,
) -> Answer {
    let predicted = app.service.predict_deliveries(&requests)?;
    Ok(Data::ok(json!({ "estimated_delivery_dates": predicted })).of(Model::Predictions))
}
