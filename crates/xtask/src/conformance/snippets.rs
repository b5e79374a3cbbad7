//! The snippets of `docs/sdks.md` are run as they stand there, but for address, key and secret.

use std::fs;

use anyhow::{Context, Result, bail};

use super::{
    Tools, install,
    sdk::{Registry, Sdk},
    telling::Job,
};

const PAGE: &str = "docs/sdks.md";
/// What stands in a snippet for the server.
const ADDRESS: &str = "http://127.0.0.1:8080";

/// A snippet and the release that it is for.
struct Snippet<'a> {
    label: &'a str,
    code: &'a str,
}

/// Runs the snippets that are for one of these releases.
pub(crate) fn run(tools: &Tools, sdks: &[Sdk], job: &Job) -> Result<usize> {
    let page = fs::read_to_string(PAGE).with_context(|| format!("cannot read {PAGE}"))?;
    let mut ran = 0;
    for snippet in snippets(&page) {
        let Some(sdk) = sdks.iter().find(|sdk| sdk.label() == snippet.label) else {
            continue;
        };
        let mut code = snippet.code.replace(ADDRESS, &job.server.address);
        for (word, value) in job.words() {
            code = code.replace(word, value);
        }
        let said = install::interpreter(tools, sdk)
            .args([code_flag(sdk), &code])
            .output()?;
        if !said.status.success() {
            let why = String::from_utf8_lossy(&said.stderr);
            bail!("the snippet for {} in {PAGE} fails: {why}", snippet.label);
        }
        ran += 1;
    }
    Ok(ran)
}

/// How an interpreter takes a program as an argument.
fn code_flag(sdk: &Sdk) -> &'static str {
    match sdk.registry {
        Registry::Pypi => "-c",
        Registry::Npm => "-e",
    }
}

/// The fences whose language is followed by the label of a release.
fn snippets(page: &str) -> impl Iterator<Item = Snippet<'_>> {
    let fences = page.split("\n```").skip(1).step_by(2);
    fences.filter_map(|fence| {
        let (head, code) = fence.split_once('\n')?;
        let (_, label) = head.split_once(' ')?;
        Some(Snippet { label, code })
    })
}
