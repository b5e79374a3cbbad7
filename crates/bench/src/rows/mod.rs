//! The rows of the table.

mod batch;
mod claims;
mod create;
mod get;
mod growth;
mod ingest;
mod lists;
mod memory;
mod nodes;

use anyhow::{Result, bail};

use crate::{Options, contest::Contest, report, world::World};

/// Their names.
pub const ROWS: [&str; 10] = [
    "get", "create", "latency", "batch", "ingest", "lists", "claims", "nodes", "growth", "memory",
];

/// What a row comes to.
#[derive(Debug, Default)]
pub struct Measured {
    /// Pairs of programs.
    pub contests: Vec<Contest>,
    /// What is no pair.
    pub notes: Vec<String>,
}

impl Measured {
    fn add(&mut self, other: Self) {
        self.contests.extend(other.contests);
        self.notes.extend(other.notes);
    }
}

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
    let mut all = Measured::default();
    if options.wants("get") {
        all.contests.extend(get::measure(&world).await?);
    }
    if options.wants("create") || options.wants("latency") {
        all.contests.extend(create::measure(&world).await?);
    }
    if options.wants("batch") {
        all.add(batch::measure(&world).await?);
    }
    if options.wants("ingest") {
        all.contests.extend(ingest::measure(&world).await?);
    }
    if options.wants("lists") {
        all.contests.extend(lists::measure(&world).await?);
    }
    if options.wants("claims") {
        all.add(claims::measure(&world).await?);
    }
    if options.wants("nodes") {
        all.contests.push(nodes::measure(&world)?);
    }
    if options.wants("growth") {
        all.contests.extend(growth::measure(&world).await?);
    }
    if options.wants("memory") {
        all.add(memory::measure(&world).await?);
    }
    let notes: Vec<String> = all.notes.iter().map(|note| format!("- {note}")).collect();
    let text = format!(
        "{}\n{}\n{}\n",
        report::facts(options),
        report::table(&all.contests),
        notes.join("\n")
    );
    eprintln!("\n{text}");
    match &options.document {
        Some(document) => report::write(document, &text),
        None => Ok(()),
    }
}
