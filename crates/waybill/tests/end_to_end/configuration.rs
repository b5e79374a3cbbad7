//! Flags, environment and file: what is wrong is named, and ends the program with 2.

use std::path::Path;

use crate::harness::{Command, Server, config, folder, text};

fn doctor(folder: &Path) -> Command {
    Command::new(folder, &["doctor"])
}

fn organizations(folder: &Path) -> Command {
    Command::new(folder, &["organizations", "list"])
}

fn write(folder: &Path, text: &str) {
    std::fs::write(folder.join("waybill.toml"), text).unwrap();
}

#[test]
fn unknown_flags_and_commands_are_named() {
    let folder = folder();
    for (words, named) in [
        (&["serve", "--colour", "red"][..], "--colour"),
        (&["serve", "--roles", "api,cook"], "cook"),
        (&["serve", "--listen", "nowhere"], "nowhere"),
        (&["keys", "create", "--auth", "oath"], "oath"),
        (&["fly"], "fly"),
        (&["serve", "--database", "mysql://x"], "mysql:"),
        (
            &["organizations", "list", "--database", "nonsense"],
            "nonsense",
        ),
        (&["keys", "list", "--organization", "nobody"], "nobody"),
        (&["keys", "create", "--auth", "rsa"], "--public-key"),
    ] {
        let message = Command::new(folder.path(), words).run().refused();
        assert!(message.contains(named), "{words:?}: {message}");
    }
}

#[test]
fn unknown_keys_and_wrong_values_of_the_file_are_named() {
    let folder = folder();
    for (file, named) in [
        ("[sandbox]\nminutes = 3\n", &["minutes", "waybill.toml"][..]),
        ("[sandbux]\n", &["sandbux"]),
        ("colour = 1\n", &["colour"]),
        ("[couriers.ups]\nurl = \"x\"\n", &["url"]),
        ("[couriers.no-such-courier]\n", &["no-such-courier"]),
        (
            "[sandbox]\nseconds_per_minute = \"fast\"\n",
            &["seconds_per_minute"],
        ),
        (
            "[sandbox]\nseconds_per_minute = -1\n",
            &["seconds_per_minute", "-1"],
        ),
        ("[webhooks]\nallow_ports = \"none\"\n", &["allow_ports"]),
        (
            "[outside]\nallow_networks = [\"localhost\"]\n",
            &["allow_networks"],
        ),
        ("[rate_limits]\nprofile = \"mild\"\n", &["profile"]),
        (
            "[api]\nmin_version = \"2020-01\"\n",
            &["min_version", "2020-01"],
        ),
        ("couriers_dir = \"not-there\"\n", &["not-there"]),
        ("[sandbox\n", &["waybill.toml", "line 1"]),
    ] {
        write(folder.path(), file);
        let message = organizations(folder.path()).run().refused();
        assert!(
            named.iter().all(|name| message.contains(name)),
            "{file}: {message}"
        );
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = folder();
    let message = Command::new(folder.path(), &["serve", "--config", "missing.toml"])
        .run()
        .refused();
    assert!(message.contains("missing.toml"), "{message}");
    let message = organizations(folder.path())
        .env("WAYBILL_CONFIG", "gone.toml")
        .run()
        .refused();
    assert!(message.contains("gone.toml"), "{message}");
    std::fs::write(folder.path().join("binary.toml"), [0xff, 0xfe, 0x00]).unwrap();
    let message = Command::new(folder.path(), &["serve", "--config", "binary.toml"])
        .run()
        .refused();
    assert!(message.contains("binary.toml"), "{message}");
    let message = organizations(folder.path())
        .env("WAYBILL_DATABASE", "sqlite:no/such/folder/x.db")
        .run()
        .refused();
    assert!(message.contains("no/such/folder/x.db"), "{message}");
    std::fs::write(
        folder.path().join("text.db"),
        "this is no database at all, whatever its name says".repeat(20),
    )
    .unwrap();
    let message = organizations(folder.path())
        .env("WAYBILL_DATABASE", "sqlite:text.db")
        .run()
        .refused();
    assert!(message.contains("text.db"), "{message}");
}

#[test]
fn wrong_values_of_the_environment_are_named() {
    let folder = folder();
    write(folder.path(), &config(0.1));
    for (name, value, named) in [
        (
            "WAYBILL_SANDBOX__SECONDS_PER_MINUTE",
            "fast",
            "seconds_per_minute",
        ),
        ("WAYBILL_SANDBOX__COLOUR", "red", "colour"),
        ("WAYBILL_NO_SUCH__THING", "1", "no_such"),
        ("WAYBILL_DATABASE", "oracle:x", "oracle:"),
        ("WAYBILL_DATABASE", "here.db", "here.db"),
        ("WAYBILL_LOG_FORMAT", "yaml", "yaml"),
        ("WAYBILL_MASTER_KEY", "short", "WAYBILL_MASTER_KEY"),
    ] {
        let message = organizations(folder.path())
            .env(name, value)
            .run()
            .refused();
        assert!(
            message.to_lowercase().contains(&named.to_lowercase()),
            "{name}={value}: {message}"
        );
    }
    for (name, value) in [("WAYBILL_LISTEN", "8080"), ("WAYBILL_ROLES", "cook")] {
        let message = Command::new(folder.path(), &["serve"])
            .env(name, value)
            .run()
            .refused();
        assert!(message.contains(value), "{name}={value}: {message}");
    }
}

#[test]
fn what_is_wrong_is_said_of_where_it_stands() {
    let folder = folder();
    write(folder.path(), &config(0.1));
    let message = organizations(folder.path())
        .env("WAYBILL_SANDBOX__SECONDS_PER_MINUTE", "fast")
        .run()
        .refused();
    assert!(
        message.contains("WAYBILL_") && !message.contains("waybill.toml"),
        "{message}"
    );
}

#[test]
fn other_names_in_the_environment_are_ignored() {
    let folder = folder();
    organizations(folder.path())
        .env("WAYBILL_FOO", "1")
        .env("WAYBILL_HOME", "/x")
        .run()
        .success();
}

#[test]
fn the_environment_goes_before_the_file_and_flags_before_both() {
    let folder = folder();
    write(folder.path(), &config(60.0));
    let command = Command::new(
        folder.path(),
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database",
            "sqlite:flag.db",
        ],
    )
    .env("WAYBILL_LISTEN", "127.0.0.1:1")
    .env("WAYBILL_DATABASE", "sqlite:environment.db")
    .env("WAYBILL_SANDBOX__SECONDS_PER_MINUTE", "0.1");
    let server = Server::start_as(folder.path(), command);
    let id = server.create_tracking("ID-1-ENVIRONMENT");
    server.reaches(&id, "Delivered");
    assert!(folder.path().join("flag.db").exists());
    assert!(!folder.path().join("environment.db").exists());
}

/// Digits are a credential like any other: they are not read as a number.
#[test]
fn credentials_come_from_the_environment_as_they_are() {
    let folder = folder();
    let proxy = crate::harness::Receiver::start();
    proxy.answer(|_| 503);
    let command = Command::new(folder.path(), &["serve", "--listen", "127.0.0.1:0"])
        .env(
            "WAYBILL_COURIERS__UPS__BASE_URL",
            &format!("http://{}", proxy.address()),
        )
        .env("WAYBILL_COURIERS__UPS__CREDENTIALS__CLIENT_ID", "0012345")
        .env("WAYBILL_COURIERS__UPS__CREDENTIALS__CLIENT_SECRET", "true")
        .env("WAYBILL_OUTSIDE__ALLOW_NETWORKS", "[\"127.0.0.0/8\"]");
    let server = Server::start_as(folder.path(), command);
    let id = server.create_tracking("1Z7X41R00340192776");
    assert_eq!(text(&server.asked(&id)["outcome"]), "could_not_ask");
    let sent = proxy.received();
    // base64 of `0012345:true`
    assert_eq!(
        sent[0].header("authorization"),
        Some("Basic MDAxMjM0NTp0cnVl"),
        "{sent:?}"
    );
}

#[test]
fn doctor_tells_good_from_bad() {
    let folder = folder();
    let before = doctor(folder.path()).run();
    assert_eq!(before.code, Some(0), "{before:?}");
    assert!(before.stdout.contains("not there yet"), "{before:?}");
    let _server = Server::start(folder.path(), &config(0.1));
    let beside = doctor(folder.path()).run().success();
    for what in [
        "configuration",
        "couriers",
        "database",
        "master key",
        "clock",
    ] {
        assert!(
            beside.lines().any(|line| line.contains(what)),
            "{what}: {beside}"
        );
    }
    assert!(!beside.contains("bad"), "{beside}");
    write(folder.path(), "[sandbox]\nminutes = 3\n");
    let bad = doctor(folder.path()).run();
    assert_eq!(bad.code, Some(1));
    assert!(bad.stdout.contains("minutes"), "{bad:?}");
}
