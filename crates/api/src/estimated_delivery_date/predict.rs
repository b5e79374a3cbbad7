//! `POST /estimated-delivery-date/predict`.

use axum::extract::State;
use waybill_versions::{PredictDelivery, Problem};

use crate::{
    App,
    answer::{Answer, Data},
    body::Body,
};

/// Answers when one shipment will arrive.
pub(crate) async fn handle(State(app): State<App>, Body(body): Body) -> Answer {
    let request = PredictDelivery::parse(body)?;
    let mut predicted = app.service.predict_deliveries(&[request])?;
    Ok(Data::ok(predicted.pop().ok_or_else(Problem::internal)?))
}
