//! Folders: those of the binary are in order, and a faulty one says where its fault is.

mod support;

use std::fs;

use support::{Folder, acme, definition};
use waybill_couriers::{Couriers, Evidence};

#[test]
fn all_folders_of_the_binary_are_in_order() {
    let couriers = Couriers::embedded().unwrap();
    let findings: Vec<_> = couriers
        .check()
        .into_iter()
        .map(|it| format!("{}/{}: {}", it.slug, it.file, it.problem))
        .collect();
    assert_eq!(findings, Vec::<String>::new());
    let slugs: Vec<_> = couriers
        .all()
        .map(|courier| courier.slug().to_string())
        .collect();
    assert!(slugs.is_sorted());
    for slug in ["ups", "testing-courier"] {
        let courier = couriers.get(slug).unwrap();
        assert!(courier.has_connection() && courier.definition.evidence == Evidence::Sample);
        assert!(courier.samples.len() >= 3);
    }
    assert!(couriers.get("no-such-courier").is_none() && couriers.get("No Slug!").is_none());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of faults")]
fn a_faulty_folder_names_folder_file_and_place() {
    let toml = |top: &str| Folder {
        definition: definition("{ kind = \"none\" }", "", top),
        ..Folder::default()
    };
    let authentication = |kind: &str, credentials: &str| Folder {
        definition: definition(kind, credentials, ""),
        ..Folder::default()
    };
    let replaced = |from: &str, to: &str| Folder {
        definition: Folder::default().definition.replace(from, to),
        ..Folder::default()
    };
    let key = "{ name = \"key\", kind = \"secret\", required = true }";
    for (folder, file, problem) in [
        (toml("colour = \"red\""), "courier.toml", "line 4"),
        (
            toml("colour = \"red\""),
            "courier.toml",
            "unknown field `colour`",
        ),
        (
            toml("required_fields = [\"shoe_size\"]"),
            "courier.toml",
            "shoe_size",
        ),
        (toml("countries = [\"XXX\"]"), "courier.toml", "countries"),
        (
            toml("default_language = \"\""),
            "courier.toml",
            "languages:",
        ),
        (
            toml("tracking_link = \"https://a.test/{nummer}\""),
            "courier.toml",
            "tracking_link:",
        ),
        (
            toml("tracking_link = \"javascript:{number}\""),
            "courier.toml",
            "tracking_link:",
        ),
        (
            toml("numbers_exhaustive = true"),
            "courier.toml",
            "numbers_exhaustive:",
        ),
        (
            toml("required_fields = [\"tracking_key\"]\noptional_fields = [\"tracking_key\"]"),
            "courier.toml",
            "optional_fields: `tracking_key`",
        ),
        (
            replaced("slug = \"acme\"", "slug = \"other\""),
            "courier.toml",
            "slug: is `other`",
        ),
        (
            replaced("slug = \"acme\"", "slug = \"A C\""),
            "courier.toml",
            "slug",
        ),
        (
            replaced("name = \"Acme\"", "name = \" \""),
            "courier.toml",
            "name:",
        ),
        (
            replaced("requests_per_second = 1.0", "requests_per_second = 0.0"),
            "courier.toml",
            "connection.requests_per_second",
        ),
        (
            replaced("concurrency = 1", "concurrency = 0"),
            "courier.toml",
            "connection.concurrency",
        ),
        (
            replaced("timeout_seconds = 5", "timeout_seconds = 9999"),
            "courier.toml",
            "connection.timeout_seconds",
        ),
        (
            replaced("complete = true", "batch = 0"),
            "courier.toml",
            "connection.batch",
        ),
        (
            authentication("{ kind = \"magic\" }", ""),
            "courier.toml",
            "magic",
        ),
        (
            authentication(
                "{ kind = \"header\", name = \"X\", credential = \"key\" }",
                "",
            ),
            "courier.toml",
            "needs a required credential `key`",
        ),
        (
            authentication("{ kind = \"none\" }", &format!("{key}, {key}")),
            "courier.toml",
            "`key` stands there twice",
        ),
        (
            authentication(
                "{ kind = \"oauth2_client_credentials\", token_url = \"http://a.test\", credentials_in = \"basic\" }",
                &format!(
                    "{}, {}",
                    key.replace("key", "client_id"),
                    key.replace("key", "client_secret")
                ),
            ),
            "courier.toml",
            "token_url",
        ),
        (
            Folder {
                request: "{method: \"GET\",\n url: now}".into(),
                ..Folder::default()
            },
            "request.jq",
            "line 2: `now/0`",
        ),
        (
            Folder {
                read: "def walk_on: walk_on;\nwalk_on".into(),
                ..Folder::default()
            },
            "read.jq",
            "line 1: `walk_on` calls itself",
        ),
        (
            Folder {
                read: "[recurse(.)]".into(),
                ..Folder::default()
            },
            "read.jq",
            "`recurse/1` is not offered",
        ),
        (
            Folder {
                read: "{".into(),
                ..Folder::default()
            },
            "read.jq",
            "line 1: expected",
        ),
        (
            Folder {
                statuses: "field,code,sub_status,events\ncode,D,Delivered_999,\n".into(),
                ..Folder::default()
            },
            "statuses.csv",
            "line 2: `Delivered_999`",
        ),
    ] {
        let error = folder.load().unwrap_err();
        assert!(error.folder.ends_with("acme"), "{error}");
        assert_eq!(error.file, file, "{error}");
        assert!(
            error.problem.contains(problem),
            "expected {problem}, found {error}"
        );
    }
}

#[test]
fn a_faulty_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    Folder::default().write(dir.path());
    let file = |name: &str| dir.path().join("acme").join(name);
    let fault = || {
        let error = Couriers::from_folder(dir.path()).unwrap_err();
        (error.file, error.problem)
    };
    fs::remove_file(file("read.jq")).unwrap();
    assert_eq!(fault(), ("read.jq".into(), "is missing".into()));
    fs::write(file("read.jq"), b"\xff").unwrap();
    assert_eq!(fault(), ("read.jq".into(), "is not UTF-8".into()));
    fs::write(file("read.jq"), "#".repeat(2 * 1024 * 1024)).unwrap();
    assert_eq!(
        fault(),
        ("read.jq".into(), "is longer than 1048576 bytes".into())
    );
    fs::write(file("read.jq"), "#".repeat(100 * 1024)).unwrap();
    assert_eq!(
        fault(),
        ("read.jq".into(), "is longer than 32768 bytes".into())
    );
    fs::write(file("read.jq"), "{unknown: \"\"}").unwrap();
    fs::write(
        file("courier.toml"),
        "slug = \"acme\"\nname = \"Acme\"\nevidence = \"guessed\"\n",
    )
    .unwrap();
    assert_eq!(
        fault(),
        (
            "request.jq".into(),
            "is there, but courier.toml has no [connection]".into()
        )
    );
    fs::remove_file(file("courier.toml")).unwrap();
    assert_eq!(fault(), ("courier.toml".into(), "is missing".into()));
    let missing = Couriers::from_folder(&dir.path().join("nowhere")).unwrap_err();
    assert!(missing.folder.ends_with("nowhere"));
}

#[test]
fn a_folder_of_ones_own_adds_and_overrides() {
    let dir = tempfile::tempdir().unwrap();
    Folder::default().write(dir.path());
    let ups = dir.path().join("ups");
    fs::create_dir(&ups).unwrap();
    fs::write(
        ups.join("courier.toml"),
        "slug = \"ups\"\nname = \"Our UPS\"\nevidence = \"guessed\"\n",
    )
    .unwrap();
    fs::create_dir(dir.path().join(".git")).unwrap();
    fs::write(dir.path().join("README.md"), "ours").unwrap();
    let couriers = Couriers::embedded()
        .unwrap()
        .with_folder(dir.path())
        .unwrap();
    assert_eq!(acme(&couriers).definition.name, "Acme");
    let ups = couriers.get("ups").unwrap();
    assert_eq!(ups.definition.name, "Our UPS");
    assert!(!ups.has_connection(), "the whole folder is replaced");
    assert!(couriers.get("testing-courier").is_some());
    let numbers = couriers.detect("1Z4W7X200312345673", &waybill_couriers::Hints::default());
    assert!(
        numbers.iter().all(|it| it.slug.as_str() != "ups"),
        "its formats are gone too"
    );
}

#[test]
fn the_check_finds_what_loading_does_not() {
    let dir = tempfile::tempdir().unwrap();
    Folder::default().write(dir.path());
    let samples = dir.path().join("acme/samples");
    fs::create_dir(&samples).unwrap();
    fs::write(dir.path().join("acme/notes.txt"), "hello").unwrap();
    fs::write(
        samples.join("one.json"),
        "{\"scans\": [{\"time\": \"2026-03-05\", \"code\": \"D\"}]}",
    )
    .unwrap();
    fs::write(
        samples.join("two.json"),
        "{\"scans\": [{\"time\": \"2026-03-05\", \"code\": \"?\"}]}",
    )
    .unwrap();
    fs::write(samples.join("three.json"), "{}").unwrap();
    let expected = |name: &str, text: &str| fs::write(samples.join(name), text).unwrap();
    expected(
        "two.expected.json",
        "{\"number\": \"AC1\", \"outcome\": {}}",
    );
    let problems = || -> Vec<_> {
        let findings = Couriers::from_folder(dir.path()).unwrap().check();
        findings
            .into_iter()
            // The first line of each: below it stands what the answer is read as.
            .map(|it| {
                format!(
                    "{}: {}",
                    it.file,
                    it.problem.lines().next().unwrap_or_default()
                )
            })
            .collect()
    };
    assert_eq!(
        problems(),
        [
            "notes.txt: nobody looks at this file",
            "samples/one.json: there is no .expected.json beside it; as the answer to 1 it is read as",
            "samples/three.json: there is no .expected.json beside it; as the answer to 1 it is read as",
            "samples/two.json: the code `?` is not in statuses.csv",
        ]
    );
    fs::remove_file(dir.path().join("acme/notes.txt")).unwrap();
    fs::remove_file(samples.join("two.json")).unwrap();
    expected(
        "one.expected.json",
        "{\"number\": \"AC1\", \"outcome\": {\"reading\": {\"complete\": true, \"checkpoints\": [{\"time\": \"2026-03-05\",\
         \"code\": \"D\", \"message\": \"\", \"sub_status\": \"Delivered_001\", \"classified\": true}]}}}",
    );
    expected(
        "three.expected.json",
        "{\"number\": \"AC1\", \"outcome\": {\"unknown_to_courier\": {\"reason\": \"x\"}}}",
    );
    let left = problems();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(
        left[0].starts_with("samples/three.json: outcome: expected"),
        "{left:?}"
    );
}
