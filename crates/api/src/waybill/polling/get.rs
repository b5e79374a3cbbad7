//! `GET /waybill/v1/trackings/{id}/polling`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Answers when each courier was and will be asked, and what came of it.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service.polling(caller.organization, &id).await?,
    ))
}
