//! `waybill demo`

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use waybill_model::OrganizationId;
use waybill_service::Service;
use waybill_storage::EventKind;
use waybill_versions::CreateTracking;

use super::{bootstrap::first_organization, serve::announce, stop_signal};
use crate::{
    cli::{Demo, Role},
    config::{Config, Sandbox},
    database::Database,
    failure::Failure,
    logs,
    node::{Node, listen},
    terminal::say,
};

/// A minute of the testing courier lasts a second here.
const SECONDS_PER_MINUTE: f64 = 1.0;
/// How often the terminal shows what came.
const SHOWN_EVERY: Duration = Duration::from_millis(200);
/// Lines shown at once; a burst is told as a count, so that the terminal can be read.
const LINES_AT_ONCE: usize = 12;
/// Parcels added while the demo runs, one every so often, so that it stays lively.
const NEW_PARCEL_EVERY: Duration = Duration::from_secs(2);

/// Lives of parcels: most go well.
const SCRIPTS: [&str; 10] = [
    "ITOD",
    "ITTOD",
    "ITTTOD",
    "I001T002T003T007OD",
    "ITOFOD",
    "ITOAD002",
    "IT006T005TOD",
    "ITE004TOD",
    "ITOFAD002",
    "ITOE003E010E011",
];
/// What is sent in the demo.
const TITLES: [&str; 8] = [
    "Tea set",
    "Running shoes",
    "Paper lamp",
    "Field notebook",
    "Espresso cups",
    "Wool blanket",
    "Bicycle bell",
    "Seed box",
];

pub(super) async fn run(command: Demo) -> Result<(), Failure> {
    logs::start(command.log_format, Some("warn"));
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::failed(format!("no folder for the demo: {error}")))?;
    let config = Config {
        sandbox: Sandbox {
            seconds_per_minute: SECONDS_PER_MINUTE,
        },
        ..Config::default()
    };
    let node =
        Arc::new(Node::open(&Database::Sqlite(folder.path().join("demo.db")), config).await?);
    let (organization, key) = first_organization(&node.service, None)
        .await?
        .ok_or_else(|| Failure::failed("the demo's database is not new"))?;
    let stop = stop_signal()?;
    let listener = listen(command.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::failed(error.to_string()))?;
    announce(&listener)?;
    introduce(&address.to_string(), &key, command.parcels);

    let parcels = tokio::spawn(send_parcels(
        node.service.clone(),
        organization.id,
        command.parcels,
        stop.clone(),
    ));
    let follow = tokio::spawn(follow(node.service.clone(), organization.id, stop.clone()));
    let served = node
        .run(
            listener,
            &[Role::Api, Role::Web, Role::Workers],
            stop.clone(),
        )
        .await;
    stop.cancel();
    for task in [parcels, follow] {
        if let Err(error) = task.await {
            tracing::warn!(%error, "a part of the demo broke");
        }
    }
    served
}

fn introduce(address: &str, key: &str, parcels: u32) {
    say(format_args!("API key             {key}"));
    say(format_args!(
        "try                 curl -H 'as-api-key: {key}' 'http://{address}/tracking/2026-07/trackings?limit=2'"
    ));
    say(format_args!(
        "{parcels} parcels are on their way; a minute lasts a second. Ctrl-C ends the demo and deletes it.\n"
    ));
}

async fn send_parcels(
    service: Service,
    organization: OrganizationId,
    count: u32,
    stop: CancellationToken,
) {
    for index in 0_u32.. {
        if index >= count {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(NEW_PARCEL_EVERY) => {}
            }
        }
        if stop.is_cancelled() {
            return;
        }
        let parcel = parcel(&service, index);
        let made = match CreateTracking::parse(parcel) {
            Ok(request) => service.create_tracking(organization, request).await,
            Err(problem) => Err(problem),
        };
        if let Err(problem) = made {
            tracing::warn!(problem.message, "a parcel of the demo was refused");
        }
    }
}

/// A parcel with a life, a pace and a content of its own.
fn parcel(service: &Service, index: u32) -> Value {
    let pick = |list: &[&'static str], random: f64| {
        list.get((random * list.len() as f64) as usize)
            .copied()
            .unwrap_or("ITOD")
    };
    let identities = service.identities();
    let script = pick(&SCRIPTS, identities.fraction());
    let minutes = 1 + (identities.fraction() * 12.0) as u32;
    json!({
        "tracking_number": format!("{script}-{minutes}-{:08}", 10_000_000 + index),
        "slug": "testing-courier",
        "title": pick(&TITLES, identities.fraction()),
        "order_id": format!("demo-{}", 1000 + index),
    })
}

async fn follow(service: Service, organization: OrganizationId, stop: CancellationToken) {
    let mut seen = 0;
    loop {
        let events = service
            .storage()
            .events_after(organization, seen, 1_000)
            .await
            .unwrap_or_default();
        let mut lines = Vec::new();
        for event in &events {
            seen = event.sequence;
            if matches!(
                event.kind,
                EventKind::TrackingCreated | EventKind::TrackingUpdate
            ) {
                lines.extend(line(event.at, &event.body));
            }
        }
        for line in lines.iter().take(LINES_AT_ONCE) {
            say(line);
        }
        if lines.len() > LINES_AT_ONCE {
            say(format_args!(
                "          … and {} more",
                lines.len() - LINES_AT_ONCE
            ));
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SHOWN_EVERY) => {}
        }
    }
}

/// One event: what is known of the parcel now, or that it was added.
fn line(at: Timestamp, body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let msg = body.get("msg")?;
    let text = |name: &str| msg.get(name).and_then(Value::as_str);
    let last = msg
        .get("checkpoints")
        .and_then(Value::as_array)
        .and_then(|list| list.last());
    let place = last
        .and_then(|checkpoint| checkpoint.get("location"))
        .and_then(Value::as_str)
        .unwrap_or("");
    Some(format!(
        "{}  {:34} {:18} {:32} {place}",
        at.strftime("%H:%M:%S"),
        text("tracking_number")?,
        text("tag").unwrap_or("Pending"),
        text("subtag_message").unwrap_or("Added")
    ))
}
