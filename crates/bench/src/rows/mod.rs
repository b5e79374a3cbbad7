//! The rows of the table.

mod create;
mod get;
mod lists;

use anyhow::{Result, bail};

use crate::{Options, contest::Contest, report, world::World};

/// Their names.
pub const ROWS: [&str; 4] = ["get", "create", "latency", "lists"];

/// Measures what is wanted and reports it.
pub async fn run(options: Options) -> Result<()> {
    if let Some(unknown) = options
        .only
        .iter()
        .find(|only| !ROWS.contains(&only.as_str()))
    {
        bail!("there is no row `{unknown}`; there are {}", ROWS.join(", "));
    }
    let world = World::new(options)?;
    let options = &world.options;
    let mut contests: Vec<Contest> = Vec::new();
    if options.wants("get") {
        contests.extend(get::measure(&world).await?);
    }
    if options.wants("create") || options.wants("latency") {
        contests.extend(create::measure(&world).await?);
    }
    if options.wants("lists") {
        contests.extend(lists::measure(&world).await?);
    }
    let text = format!("{}\n{}", report::facts(options), report::table(&contests));
    eprintln!("\n{text}");
    match &options.document {
        Some(document) => report::write(document, &text),
        None => Ok(()),
    }
}
