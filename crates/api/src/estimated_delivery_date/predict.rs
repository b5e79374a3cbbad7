//! `POST /estimated-delivery-date/predict`.

use axum::extract::State;
use waybill_versions::{Model, PredictDelivery, Problem};

use crate::{
    App,
    answer::{Answer, Data},
    body::Body,
};

/// Answers when one shipment will arrive.
pub(crate) async fn handle(State(app): State<App>, Body(request): Body<PredictDelivery>) -> Answer {
    let mut predicted = app.service.predict_deliveries(&[request])?;
    let predicted = predicted.pop().ok_or_else(Problem::internal)?;
    Ok(Data::ok(predicted).of(Model::Prediction))
}
