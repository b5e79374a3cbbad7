//! `waybill doctor`

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use waybill_storage::{PARTS, TrackingFilter};

use crate::{
    cli::Common,
    config::Config,
    database::Database,
    failure::Failure,
    logs, master_key,
    node::{Node, couriers},
    terminal::say,
};

/// No clock that is right shows a time before this: the first version was written later.
const EARLIEST: i64 = 1_760_000_000;

/// What a check found.
enum Verdict {
    Good(String),
    Warning(String),
    Bad(String),
}

/// Checks what a server needs, one line each; fails if one is bad.
pub(super) async fn run(common: &Common) -> Result<ExitCode, Failure> {
    logs::start(common.log_format, Some("error"));
    let config = match Config::load(common.config.as_deref()) {
        Ok(config) => config,
        Err(failure) => {
            say(format_args!("bad      configuration  {failure}"));
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut lines = vec![
        ("configuration", Verdict::Good("read".to_owned())),
        ("couriers", check_couriers(&config)),
    ];
    lines.extend(check_database(common, config).await);
    let mut bad = false;
    for (what, verdict) in lines {
        let (word, text) = match verdict {
            Verdict::Good(text) => ("good", text),
            Verdict::Warning(text) => ("warning", text),
            Verdict::Bad(text) => {
                bad = true;
                ("bad", text)
            }
        };
        say(format_args!("{word:7}  {what:13}  {text}"));
    }
    Ok(if bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn check_couriers(config: &Config) -> Verdict {
    match couriers(config) {
        Ok(couriers) => {
            let findings = couriers.check();
            match findings.first() {
                None => Verdict::Good(format!("{} loaded", couriers.all().count())),
                Some(first) => {
                    Verdict::Bad(format!("{} findings, the first: {first}", findings.len()))
                }
            }
        }
        Err(failure) => Verdict::Bad(failure.to_string()),
    }
}

async fn check_database(common: &Common, config: Config) -> Vec<(&'static str, Verdict)> {
    let database = match Database::parse(common.database.as_deref()) {
        Ok(database) => database,
        Err(failure) => return vec![("database", Verdict::Bad(failure.to_string()))],
    };
    if let Some(file) = database.file().filter(|file| !file.exists()) {
        let text = format!(
            "{} is not there yet; `waybill serve` makes it",
            file.display()
        );
        return vec![("database", Verdict::Warning(text))];
    }
    let node = match Node::open(&database, config).await {
        Ok(node) => node,
        Err(failure) => return vec![("database", Verdict::Bad(failure.to_string()))],
    };
    let answers = match node.service.storage().ready().await {
        Ok(()) => Verdict::Good(format!("{database} answers, migrations done")),
        Err(error) => Verdict::Bad(error.to_string()),
    };
    let master_key = match (master_key::given(), database.file()) {
        (Some(_), _) => Verdict::Good("from the environment".to_owned()),
        (None, Some(file)) => Verdict::Warning(format!(
            "kept in {}: back it up apart from the database",
            master_key::path_beside(file).display()
        )),
        (None, None) => Verdict::Warning(
            "kept in the database itself; set WAYBILL_MASTER_KEY to keep it apart".to_owned(),
        ),
    };
    let now = node.service.now();
    vec![
        ("database", answers),
        ("master key", master_key),
        ("nodes", check_nodes(&node, now).await),
        ("clock", check_clock(&node, now).await),
    ]
}

/// Which processes serve the database now.
async fn check_nodes(node: &Node, now: Timestamp) -> Verdict {
    let nodes = match node.service.storage().nodes(now).await {
        Ok(nodes) => nodes,
        Err(error) => return Verdict::Bad(error.to_string()),
    };
    let told = nodes.iter().map(|node| {
        let since = node.started_at;
        let share = if node.shares {
            let parts = node.parts.count();
            format!(", {parts}/{PARTS} of what couriers may be asked")
        } else {
            String::new()
        };
        format!("{} ({}) since {since:.0}{share}", node.id, node.roles)
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return Verdict::Good("none serves this database now".to_owned());
    }
    Verdict::Good(format!("{} live: {}", told.len(), told.join("; ")))
}

async fn check_clock(node: &Node, now: Timestamp) -> Verdict {
    if now.as_second() < EARLIEST {
        return Verdict::Bad(format!("shows {now:.0}, which is in the past"));
    }
    let storage = node.service.storage();
    let Ok(organizations) = storage.organizations().await else {
        return Verdict::Good(format!("{now:.0}"));
    };
    for organization in organizations {
        let ahead = TrackingFilter {
            created_at_min: Some(now + SignedDuration::from_mins(5)),
            ..TrackingFilter::default()
        };
        if let Ok(page) = storage
            .trackings(organization.id, &ahead, None, 1, now)
            .await
            && !page.trackings.is_empty()
        {
            return Verdict::Bad(format!(
                "shows {now:.0}, but there are trackings made later: it went back"
            ));
        }
    }
    Verdict::Good(format!("{now:.0}"))
}
