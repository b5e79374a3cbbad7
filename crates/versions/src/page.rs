//! The page on versions and how to move from one to the next, written from the changes.

use std::fmt::Write;

use crate::{
    Model,
    change::{Change, Changes},
    changes::CHANGES,
};

/// The page, as Markdown.
pub fn versions_page() -> String {
    let mut page = String::from(
        "# API versions\n\n\
         This page is written from the tables in `crates/versions/src/changes/`; change those.\n\n\
         Every version is served side by side: `/v4` and `/tracking/<date>`. An answer says in \
         `as-api-version` which one it is. A tracking that was made or changed under one version reads \
         correctly under every other, and an older client's change destroys nothing that its version does \
         not show. With `[api] min_version` older paths are answered in that version instead.\n\n\
         To move: change the path one version at a time, downwards on this page from your own; set \
         webhooks to the new version by a second address first. Before 2024-10 switch to ids; before \
         2025-01 to `customers`.\n",
    );
    for changes in CHANGES.iter().rev() {
        let Some(newer) = changes.older.newer() else {
            continue;
        };
        let _ = write!(page, "\n## {newer}, from {}\n\n", changes.older);
        if changes.notes.is_empty() && changes.models.is_empty() {
            page.push_str("Nothing changed.\n");
        }
        for note in changes.notes {
            let _ = writeln!(page, "- {note}");
        }
        if !changes.models.is_empty() {
            page.push_str("\n| of | before | since |\n| --- | --- | --- |\n");
        }
        rows(changes, &mut page);
    }
    page
}

fn rows(changes: &Changes, page: &mut String) {
    for (models, list) in changes.models {
        let of: Vec<&str> = models.iter().filter_map(|model| title(*model)).collect();
        for change in *list {
            let (before, since) = said(change);
            let _ = writeln!(page, "| {} | {before} | {since} |", of.join(", "));
        }
    }
}

fn said(change: &Change) -> (String, String) {
    let names = |names: &mut dyn Iterator<Item = &str>| {
        let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        quoted.join(", ")
    };
    match change {
        Change::Rename { older, newer } => (format!("`{older}`"), format!("`{newer}`")),
        Change::Add(name) => ("–".to_owned(), format!("`{name}`")),
        Change::Remove(older) => (format!("`{}`", older.field.name), "–".to_owned()),
        Change::Reshape { older, newer } => (
            names(&mut older.iter().map(|older| older.field.name)),
            names(&mut newer.iter().copied()),
        ),
        Change::Recast(recast) => (
            format!("`{}` in another form", recast.field.name),
            format!("`{}`", recast.field.name),
        ),
        Change::Values { field, pairs } => (
            format!(
                "`{field}`: {}",
                names(&mut pairs.iter().map(|(_, older)| *older))
            ),
            format!(
                "`{field}`: {}",
                names(&mut pairs.iter().map(|(newer, _)| *newer))
            ),
        ),
        Change::Only(kept) => (
            format!("only {}", names(&mut kept.iter().copied())),
            "the whole".to_owned(),
        ),
    }
}

/// What a reader calls a shape; others, and those that no version changes, go without saying.
fn title(model: Model) -> Option<&'static str> {
    Some(match model {
        Model::Tracking => "Tracking",
        Model::Deleted => "deleting's answer",
        Model::Retracked => "retracking's answer",
        Model::Checkpoint => "Checkpoint",
        Model::Customer => "customer",
        Model::Promise => "promised date",
        Model::PredictionOfTracking => "predicted date of a tracking",
        Model::LatestEstimate => "latest estimate",
        Model::NextCourier => "next courier",
        Model::TrackingsHead => "list of trackings",
        Model::Courier => "Courier",
        Model::Couriers => "list of couriers",
        Model::Notification => "Notification",
        Model::NotificationGiven => "notification given",
        Model::Create => "create",
        Model::LastMileGiven => "last mile on create",
        Model::NextCourierGiven => "next courier on create",
        Model::Update => "update",
        Model::Detect => "detect",
        Model::Complete => "mark as completed",
        Model::TrackingsQuery => "filters of trackings",
        Model::CouriersQuery => "filters of couriers",
        Model::PredictionGiven | Model::PredictionsGiven => "prediction asked for",
        Model::Prediction | Model::Predictions => "prediction",
        Model::PredictionAddress => "address of a prediction",
        _ => return None,
    })
}
