//! `waybill couriers`

mod samples;
mod try_one;
mod unknown;

use std::{fs, path::Path, process::ExitCode};

use waybill_couriers::Evidence;
use waybill_model::CourierSlug;

use crate::{
    cli::{Common, Couriers, OfOrganization},
    config::Config,
    failure::Failure,
    logs,
    node::couriers,
    terminal::say,
};

pub(super) async fn run(command: Couriers) -> Result<ExitCode, Failure> {
    match command {
        Couriers::List { common } => list(&common),
        Couriers::Show { slug, common } => show(&slug, &common),
        Couriers::New { slug, dir } => begin(&slug, &dir),
        Couriers::Check {
            samples: Some(dir),
            common,
            ..
        } => samples::run(&dir, &loaded(&common)?),
        Couriers::Check {
            slug: Some(slug),
            common,
            ..
        } => check_one(&slug, &common),
        Couriers::Check { common, .. } => check(&common),
        Couriers::PushAddress { slug, of } => push_address(&slug, &of).await,
        Couriers::Try(command) => try_one::run(command).await,
        Couriers::Unknown {
            courier,
            json,
            common,
        } => unknown::run(courier.as_deref(), json, &common).await,
    }
}

fn loaded(common: &Common) -> Result<waybill_couriers::Couriers, Failure> {
    logs::start(common.log_format, Some("warn"));
    couriers(&Config::load(common.config.as_deref())?)
}

fn list(common: &Common) -> Result<ExitCode, Failure> {
    for courier in loaded(common)?.all() {
        let definition = &courier.definition;
        let connection = if courier.has_connection() {
            "connection"
        } else {
            "-"
        };
        say(format_args!(
            "{:24}  {:10}  {:3} formats  {}",
            definition.slug.as_str(),
            connection,
            definition.numbers.len(),
            definition.name
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(slug: &str, common: &Common) -> Result<ExitCode, Failure> {
    let couriers = loaded(common)?;
    let courier = couriers.get(slug).ok_or_else(|| {
        Failure::usage(format!(
            "there is no courier `{slug}`; `waybill couriers list` shows them"
        ))
    })?;
    let definition = &courier.definition;
    let optional = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    say(format_args!("{}  ({})", definition.name, definition.slug));
    say(format_args!(
        "other name       {}",
        optional(&definition.other_name)
    ));
    say(format_args!(
        "website          {}",
        optional(&definition.website)
    ));
    say(format_args!(
        "phone            {}",
        optional(&definition.phone)
    ));
    say(format_args!(
        "tracking link    {}",
        optional(&definition.tracking_link)
    ));
    say(format_args!(
        "required fields  {}",
        list_or_dash(
            definition
                .required_fields
                .iter()
                .map(|field| field.as_str().to_owned())
        )
    ));
    say(format_args!(
        "optional fields  {}",
        list_or_dash(
            definition
                .optional_fields
                .iter()
                .map(|field| field.as_str().to_owned())
        )
    ));
    match &definition.connection {
        Some(connection) => {
            let names = connection
                .credentials
                .iter()
                .map(|credential| credential.name.clone());
            say(format_args!(
                "connection       credentials: {}",
                list_or_dash(names)
            ));
            say(format_args!(
                "limits           {} a second, {} at once, {} s to answer",
                connection.requests_per_second, connection.concurrency, connection.timeout_seconds
            ));
        }
        None => say("connection       none: it is recognised, and cannot be asked"),
    }
    say(format_args!(
        "number formats   {}",
        list_or_dash(definition.numbers.iter().map(|format| format.name.clone()))
    ));
    Ok(ExitCode::SUCCESS)
}

fn list_or_dash(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(", ")
    }
}

async fn push_address(slug: &str, of: &OfOrganization) -> Result<ExitCode, Failure> {
    let node = super::open(&of.common).await?;
    let organization = super::organization(&node, of).await?;
    let couriers = node.service.couriers();
    let courier = couriers.get(slug);
    let courier = courier.filter(|it| it.definition.push.is_some());
    let courier = courier.ok_or_else(|| {
        Failure::usage(format!("there is no courier `{slug}` that sends its news"))
    })?;
    let token = node.service.push_token(organization.id, courier.slug());
    let token = token.map_err(|problem| Failure::failed(problem.message))?;
    say(format_args!("/waybill/v1/push/{slug}/{token}"));
    Ok(ExitCode::SUCCESS)
}

fn check_one(slug: &str, common: &Common) -> Result<ExitCode, Failure> {
    let couriers = loaded(common)?;
    let (findings, clashes) = couriers.check_one(slug).ok_or_else(|| {
        Failure::usage(format!(
            "there is no courier `{slug}`; is its folder in `couriers_dir` of waybill.toml?"
        ))
    })?;
    for finding in &findings {
        say(finding);
    }
    for clash in &clashes {
        say(clash);
    }
    say(format_args!(
        "{slug}: {} findings; {} of its example numbers may be others' too",
        findings.len(),
        clashes.len()
    ));
    Ok(ExitCode::from(u8::from(!findings.is_empty())))
}

fn check(common: &Common) -> Result<ExitCode, Failure> {
    let couriers = loaded(common)?;
    let findings = couriers.check();
    for finding in &findings {
        say(finding);
    }
    let connected = |evidence: Evidence| {
        couriers
            .all()
            .filter(|it| it.has_connection() && it.definition.evidence == evidence)
            .count()
    };
    let folders = couriers.all().filter(|it| !it.is_listed_only()).count();
    say(format_args!(
        "{} couriers, {folders} of them with a folder; connections: {} by samples, {} documented, {} guessed; {} findings",
        couriers.all().count(),
        connected(Evidence::Sample),
        connected(Evidence::Documented),
        connected(Evidence::Guessed),
        findings.len()
    ));
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The files of a new courier folder, with the slug to be filled in.
const TEMPLATE: [(&str, &str); 6] = [
    ("courier.toml", include_str!("new_courier/courier.toml")),
    ("request.jq", include_str!("new_courier/request.jq")),
    ("read.jq", include_str!("new_courier/read.jq")),
    ("statuses.csv", include_str!("new_courier/statuses.csv")),
    (
        "samples/in_transit.json",
        include_str!("new_courier/samples/in_transit.json"),
    ),
    (
        "samples/in_transit.expected.json",
        include_str!("new_courier/samples/in_transit.expected.json"),
    ),
];

fn begin(slug: &str, dir: &Path) -> Result<ExitCode, Failure> {
    let slug = CourierSlug::parse(slug).ok_or_else(|| {
        Failure::usage(format!(
            "`{slug}` is no slug: use lower-case letters, digits and `-`"
        ))
    })?;
    let folder = dir.join(slug.as_str());
    if folder.exists() {
        return Err(Failure::usage(format!(
            "{} exists already",
            folder.display()
        )));
    }
    let failure = |error: std::io::Error| {
        Failure::failed(format!("cannot write {}: {error}", folder.display()))
    };
    fs::create_dir_all(folder.join("samples")).map_err(failure)?;
    for (name, text) in TEMPLATE {
        fs::write(folder.join(name), text.replace("SLUG", slug.as_str())).map_err(failure)?;
    }
    say(format_args!(
        "{} is made. Set `couriers_dir = \"{}\"` in waybill.toml, edit the files, and run `waybill couriers check {slug}`.",
        folder.display(),
        dir.display(),
    ));
    Ok(ExitCode::SUCCESS)
}
