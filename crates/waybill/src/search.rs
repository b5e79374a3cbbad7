//! New words of trackings are brought into the search, behind the writes that were answered.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use waybill_service::Service;

/// From one look to the next: a new word is found within two seconds.
const EVERY: Duration = Duration::from_secs(1);
/// The name of the turn that one of the nodes takes.
const TURN: &str = "search";

/// Looks for new words until told to stop. A look reads; only where there is something do the nodes
/// take turns, so that one of them does it.
pub async fn keep_searchable(service: Service, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = look(&service).await {
            tracing::warn!(error, "new words could not be brought into the search");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn look(service: &Service) -> Result<(), String> {
    let storage = service.storage();
    let waiting = storage.unsearchable(1).await;
    if waiting.map_err(|error| error.to_string())?.is_empty() {
        return Ok(());
    }
    let now = service.now();
    let next = now + SignedDuration::try_from(EVERY).unwrap_or_default();
    let is_ours = storage.take_turn(TURN, now, next).await;
    if is_ours.map_err(|error| error.to_string())? {
        let made = service.make_searchable().await;
        made.map_err(|problem| problem.to_string())?;
    }
    Ok(())
}
