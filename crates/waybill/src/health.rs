//! `/healthz`, `/readyz` and `/metrics`: no key needed, served whatever the roles.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use jiff::tz::TimeZone;
use waybill_polling::Asker;
use waybill_service::Service;
use waybill_storage::PARTS;

use crate::asking_metrics;

/// Rows of what nothing understood that are summed: more than a hundred couriers can have.
const UNCLASSIFIED_ROWS: usize = 10_000;

type Parts = (Service, Arc<Asker>);

/// The routes.
pub fn router(service: Service, asker: Arc<Asker>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state((service, asker))
}

/// The database is reachable and its migrations are done.
async fn ready(State((service, _)): State<Parts>) -> impl IntoResponse {
    match service.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database is unavailable\n",
        ),
    }
}

/// Counts in Prometheus' text form.
async fn metrics(State((service, asker)): State<Parts>) -> impl IntoResponse {
    let epoch = jiff::civil::date(1970, 1, 1);
    let today = service.now().to_zoned(TimeZone::UTC).date();
    let day = epoch.until(today).map_or(0, |span| span.get_days());
    let Ok(counts) = service.storage().poll_counts(day).await else {
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    };
    let mut text = String::from(
        "# HELP waybill_polls_today Askings of couriers since midnight UTC, by courier and outcome.\n\
         # TYPE waybill_polls_today gauge\n",
    );
    for count in &counts {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "waybill_polls_today{{courier=\"{}\",outcome=\"{}\"}} {}",
            count.slug,
            count.outcome.as_str(),
            count.count
        );
    }
    let Ok(spent) = service.storage().spent(day).await else {
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    };
    text += &asking_metrics::text(&asker, &counts, &spent);
    let Ok(unknown) = service.storage().unclassified(UNCLASSIFIED_ROWS).await else {
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    };
    text += "# HELP waybill_unclassified_events Events that nothing understood, as `waybill couriers unknown` lists them.\n\
             # TYPE waybill_unclassified_events gauge\n";
    let mut by_courier: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &unknown {
        *by_courier.entry(row.slug.as_str()).or_default() += row.count;
    }
    for (slug, count) in by_courier {
        let _ = writeln!(
            text,
            "waybill_unclassified_events{{courier=\"{slug}\"}} {count}"
        );
    }
    let Ok(nodes) = service.storage().nodes(service.now()).await else {
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    };
    text += "# HELP waybill_nodes Nodes that serve this database now, by role.\n\
             # TYPE waybill_nodes gauge\n";
    for role in ["api", "web", "workers"] {
        let count = nodes.iter().filter(|node| node.does(role)).count();
        let _ = writeln!(text, "waybill_nodes{{role=\"{role}\"}} {count}");
    }
    text += "# HELP waybill_node_share How much of what couriers may be asked is each node's.\n\
             # TYPE waybill_node_share gauge\n";
    for node in nodes.iter().filter(|node| node.shares) {
        let share = f64::from(node.parts.count()) / f64::from(PARTS);
        let _ = writeln!(text, "waybill_node_share{{node=\"{}\"}} {share}", node.id);
    }
    (StatusCode::OK, text)
}
