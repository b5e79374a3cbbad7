//! The commands, beside a running server and alone.

use serde_json::{Value, json};

use crate::harness::{
    Command, KEY, Process, Server, config, folder, seconds, send, text, wait_until,
};

const TRACKINGS: &str = "/tracking/2026-07/trackings";

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn the_start_line_is_all_there_is_on_stdout() {
    let folder = folder();
    let mut server = Server::start(folder.path(), &config(0.1));
    let id = server.create_tracking("ITOD-1-STDOUT");
    server.reaches(&id, "Delivered");
    assert_eq!(server.process.terminate(), (Some(0), String::new()));
}

#[test]
fn the_health_routes_need_no_key_and_the_others_do() {
    let folder = folder();
    let server = Server::start(folder.path(), &config(0.1));
    let get = |path: &str| send(&server.process.address, "GET", path, &[], None).unwrap();
    assert_eq!(get("/healthz").status, 200);
    assert_eq!(get("/readyz").status, 200);
    let id = server.create_tracking("ITOD-1-HEALTH");
    server.reaches(&id, "Delivered");
    let metrics = get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(
        metrics
            .body
            .contains("waybill_polls_today{courier=\"testing-courier\",outcome=\"ok\"}"),
        "{}",
        metrics.body
    );
    assert_eq!(get(TRACKINGS).status, 401);
}

#[test]
fn a_node_of_workers_serves_only_the_health_routes_and_works() {
    let folder = folder();
    std::fs::write(folder.path().join("waybill.toml"), config(0.1)).unwrap();
    let serve = |roles| {
        Command::new(
            folder.path(),
            &["serve", "--listen", "127.0.0.1:0", "--roles", roles],
        )
    };
    let api = Server::start_as(folder.path(), serve("api"));
    let workers = Server::start_as(folder.path(), serve("workers"));
    assert_eq!(workers.send("GET", "/healthz", None).status, 200);
    assert_eq!(workers.send("GET", "/readyz", None).status, 200);
    assert_eq!(workers.send("GET", "/metrics", None).status, 200);
    assert_eq!(workers.send("GET", TRACKINGS, None).status, 404);
    let id = api.create_tracking("ITOD-1-ROLES");
    api.reaches(&id, "Delivered");
}

#[test]
fn a_key_made_beside_a_server_opens_it_and_a_revoked_one_stops() {
    let folder = folder();
    let server = Server::start(folder.path(), &config(0.1));
    let waybill = |words: &[&str]| Command::new(folder.path(), words).run();
    let made = waybill(&["keys", "create", "--name", "shop", "--json"]).success();
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(made["secret"], Value::Null);
    let key = text(&made["key"]).to_owned();
    let status = || {
        send(
            &server.process.address,
            "GET",
            TRACKINGS,
            &[("as-api-key", &key)],
            None,
        )
        .unwrap()
        .status
    };
    assert_eq!(status(), 200);

    let listed = waybill(&["keys", "list"]).success();
    let line = listed
        .lines()
        .find(|line| line.ends_with("  shop"))
        .unwrap()
        .to_owned();
    assert!(!listed.contains(&key), "a list shows no whole key");
    let id = line.split("  ").next().unwrap().to_owned();
    waybill(&["keys", "revoke", &id]).success();
    wait_until("the server knows of the revocation", seconds(7), || {
        status() == 401
    });
    assert_eq!(waybill(&["keys", "revoke", "nothing"]).code, Some(1));
    assert!(
        waybill(&["keys", "list"])
            .success()
            .lines()
            .any(|line| line.contains("revoked") && line.contains(&id))
    );
    assert_eq!(
        server.send("GET", TRACKINGS, None).status,
        200,
        "the other key goes on"
    );

    let aes = waybill(&["keys", "create", "--auth", "aes", "--json"]).success();
    assert!(!text(&serde_json::from_str::<Value>(&aes).unwrap()["secret"]).is_empty());
}

#[test]
fn organizations_are_made_apart_from_each_other() {
    let folder = folder();
    let server = Server::start(folder.path(), &config(0.1));
    server.create_tracking("ITOD-1-MINE");
    let waybill = |words: &[&str]| Command::new(folder.path(), words).run();
    waybill(&["organizations", "create", "second"]).success();
    assert_ne!(
        waybill(&["organizations", "create", "second"]).code,
        Some(0)
    );
    let listed = waybill(&["organizations", "list"]).success();
    let names: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split("  ").last())
        .collect();
    assert_eq!(names, ["default", "second"]);
    let key = waybill(&["keys", "create", "--organization", "second", "--json"]).success();
    let key: Value = serde_json::from_str(&key).unwrap();
    let theirs = send(
        &server.process.address,
        "GET",
        TRACKINGS,
        &[("as-api-key", text(&key["key"]))],
        None,
    )
    .unwrap();
    assert_eq!(theirs.data(200)["trackings"], Value::Array(Vec::new()));
}

#[test]
fn the_first_key_is_printed_once_where_none_is_given() {
    let folder = folder();
    let start = || {
        Process::start(
            folder.path(),
            Command::new(folder.path(), &["serve", "--listen", "127.0.0.1:0"]),
        )
    };
    let mut first = start();
    let log = first.log();
    let key = log.lines().find_map(|line| {
        line.strip_prefix("API key of the organization `default` (shown this once): ")
    });
    let key = key.unwrap().to_owned();
    assert_eq!(
        send(
            &first.address,
            "GET",
            TRACKINGS,
            &[("as-api-key", &key)],
            None
        )
        .unwrap()
        .status,
        200
    );
    assert_eq!(first.terminate().0, Some(0));
    let second = start();
    assert_eq!(
        second.log().matches("shown this once").count(),
        1,
        "{}",
        second.log()
    );
    let late = Server::start_as(
        folder.path(),
        Command::new(folder.path(), &["serve", "--listen", "127.0.0.1:0"]),
    );
    assert_eq!(
        late.send("GET", TRACKINGS, None).status,
        401,
        "a key of the environment comes too late"
    );
    assert!(
        late.process.log().contains("WAYBILL_BOOTSTRAP_API_KEY"),
        "{}",
        late.process.log()
    );
}

#[test]
fn detect_says_who_and_why() {
    let folder = folder();
    let detect = |words: &[&str]| Command::new(folder.path(), words).run().success();
    let found = lines(&detect(&[
        "detect",
        "--json",
        "1Z7X41R00340192776",
        "ITOD-3-6436426452526",
        "?",
    ]));
    assert_eq!(found.len(), 3);
    let first = &found[0]["candidates"][0];
    assert_eq!(text(&first["slug"]), "ups");
    assert!(
        first["confidence"].as_f64().unwrap() > 0.9 && !text(&first["reason"]).is_empty(),
        "{first}"
    );
    assert_eq!(
        found[1]["candidates"].as_array().map(Vec::len),
        Some(1),
        "nobody else claims a sandbox number"
    );
    assert!(found[2]["error"].is_string());
    assert!(detect(&["detect", "1Z7X41R00340192776"]).contains("ups"));
    let open = detect(&["detect", "12345678901234"]);
    assert!(open.contains("others are asked"), "{open}");
    let hinted = detect(&["detect", "--destination", "deu", "12345678901234"]);
    assert!(hinted.contains("at home in DEU"), "{hinted}");
    assert!(
        !folder.path().join("waybill.db").exists(),
        "detecting needs no database"
    );
}

#[test]
fn track_asks_once_and_prints_the_timeline() {
    let folder = folder();
    let track = Command::new(folder.path(), &["track", "ITOD-1-TRACK"])
        .run()
        .success();
    assert!(
        track.contains("Delivered") && track.contains("Portland"),
        "{track}"
    );
    let failed = Command::new(folder.path(), &["track", "1Z7X41R00340192776"]).run();
    assert_eq!(failed.code, Some(1));
    assert!(failed.stderr.contains("client_id"), "{failed:?}");
}

#[test]
fn couriers_are_listed_shown_and_checked() {
    let folder = folder();
    let waybill = |words: &[&str]| Command::new(folder.path(), words).run();
    let list = waybill(&["couriers", "list"]).success();
    assert!(list.lines().any(|line| line.starts_with("ups ")), "{list}");
    assert!(
        list.lines()
            .any(|line| line.starts_with("testing-courier "))
    );
    let shown = waybill(&["couriers", "show", "ups"]).success();
    assert!(shown.contains("client_id, client_secret"), "{shown}");
    assert!(
        waybill(&["couriers", "show", "no-such"])
            .refused()
            .contains("no-such")
    );
    let checked = waybill(&["couriers", "check"]).success();
    assert!(checked.contains(" 0 findings"), "{checked}");
}

#[test]
fn a_new_courier_folder_passes_the_check_and_works() {
    let folder = folder();
    let waybill = |words: &[&str]| Command::new(folder.path(), words).run();
    waybill(&["couriers", "new", "tin-can-express"]).success();
    assert!(
        waybill(&["couriers", "new", "tin-can-express"])
            .refused()
            .contains("tin-can-express")
    );
    assert!(
        waybill(&["couriers", "new", "../escape"])
            .refused()
            .contains("../escape")
    );
    std::fs::write(
        folder.path().join("waybill.toml"),
        "couriers_dir = \"my-couriers\"\n",
    )
    .unwrap();
    let checked = waybill(&["couriers", "check"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(
        waybill(&["couriers", "show", "tin-can-express"])
            .success()
            .contains("api_key")
    );
    let found = lines(
        &waybill(&[
            "detect",
            "--json",
            "--config",
            "waybill.toml",
            "XX0000000001",
        ])
        .success(),
    );
    let slugs: Vec<&str> = found[0]["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["slug"]))
        .collect();
    assert!(slugs.contains(&"tin-can-express"), "{found:?}");
    let missing = waybill(&["track", "XX0000000001", "--courier", "tin-can-express"]);
    assert!(missing.stderr.contains("api_key"), "{missing:?}");

    // Alone it says whose its numbers may be besides, and what to write beside a new sample.
    let own = folder.path().join("my-couriers/tin-can-express");
    let alone = waybill(&["couriers", "check", "tin-can-express"]);
    assert!(
        alone.stdout.contains("tin-can-express: 0 findings"),
        "{alone:?}"
    );
    let clashing = waybill(&["couriers", "check", "fedex"]).success();
    assert!(clashing.contains("is its own by"), "{clashing}");
    assert!(
        waybill(&["couriers", "check", "no-such-courier"])
            .refused()
            .contains("couriers_dir")
    );
    std::fs::write(own.join("samples/new.json"), r#"{"events": []}"#).unwrap();
    let unexpected = waybill(&["couriers", "check", "tin-can-express"]);
    assert_eq!(unexpected.code, Some(1));
    for told in ["no .expected.json", "XX0000000001", "\"complete\": true"] {
        assert!(unexpected.stdout.contains(told), "{told}: {unexpected:?}");
    }

    // A folder that is wrong is found out.
    let statuses = folder
        .path()
        .join("my-couriers/tin-can-express/statuses.csv");
    std::fs::write(
        &statuses,
        "field,code,sub_status,events\nevent,CREATED,InfoReceived_001,\n",
    )
    .unwrap();
    let found_out = waybill(&["couriers", "check"]);
    assert_eq!(found_out.code, Some(1), "{found_out:?}");
    assert!(found_out.stdout.contains("ACCEPTED"), "{found_out:?}");
}

#[test]
fn events_that_nothing_understood_are_listed() {
    let folder = folder();
    let push = "[couriers.ups.credentials]\npush_credential = \"a word\"\n";
    let server = Server::start(folder.path(), &format!("{}{push}", config(0.1)));
    let waybill = |words: &[&str]| Command::new(folder.path(), words).run();
    let unknown = |words: &[&str]| waybill(&[&["couriers", "unknown"], words].concat());
    assert_eq!(lines(&unknown(&["--json"]).success()), [json!([])]);
    let nobody = unknown(&["--courier", "nobody"]).refused();
    assert!(nobody.contains("nobody"), "{nobody}");

    let number = "1Z4W7X200312345673";
    let create = json!({"tracking_number": number, "slug": "ups"});
    server.send("POST", TRACKINGS, Some(&create)).data(201);
    let path = waybill(&["couriers", "push-address", "ups"]).success();
    let message = json!({
        "trackingNumber": number, "localActivityDate": "20260305", "localActivityTime": "134000",
        "activityStatus": {"type": "Q", "code": "7Q", "description": "Quodlibet 17"},
    });
    let (word, address) = (("credential", "a word"), &server.process.address);
    let told = send(address, "POST", path.trim(), &[word], Some(&message)).unwrap();
    assert_eq!(told.status, 200, "{}", told.body);
    let listed = lines(&unknown(&["--json", "--courier", "ups"]).success());
    let row = &listed[0][0];
    assert_eq!(
        (&row["slug"], &row["word"], &row["example"], &row["count"]),
        (
            &json!("ups"),
            &json!("7Q"),
            &json!("Quodlibet 17"),
            &json!(1)
        )
    );
    assert!(text(&row["first_seen_at"]) <= text(&row["last_seen_at"]));
    assert!(unknown(&[]).success().contains("Quodlibet 17"));
    let metrics = send(address, "GET", "/metrics", &[], None).unwrap().body;
    let counted = "waybill_unclassified_events{courier=\"ups\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn the_bootstrap_key_is_not_logged() {
    let folder = folder();
    let server = Server::start(folder.path(), &config(0.1));
    server.create_tracking("ITOD-1-LOG");
    assert!(!server.process.log().contains(KEY));
}

#[test]
fn nodes_that_start_together_on_a_new_database_agree() {
    let folder = folder();
    std::fs::write(folder.path().join("waybill.toml"), config(0.1)).unwrap();
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let start = || {
            let serve = ["serve", "--listen", "127.0.0.1:0"];
            Server::start_as(folder.path(), Command::new(folder.path(), &serve))
        };
        let starting: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
        starting
            .into_iter()
            .map(|server| server.join().unwrap())
            .collect()
    });
    let id = servers[0].create_tracking("ITOD-1-TOGETHER");
    for server in &servers {
        server.reaches(&id, "Delivered");
    }
    let key = folder.path().join("waybill.db.key");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let listed = Command::new(folder.path(), &["organizations", "list"]).run();
    assert_eq!(listed.success().lines().count(), 1);
}

#[test]
fn a_key_is_revoked_by_its_prefix_once() {
    let folder = folder();
    let _server = Server::start(folder.path(), &config(0.1));
    let waybill = |words: &[&str]| Command::new(folder.path(), words).run();
    let made = waybill(&["keys", "create", "--json"]).success();
    let made: Value = serde_json::from_str(&made).unwrap();
    let prefix: String = text(&made["key"]).chars().take(10).collect();
    waybill(&["keys", "revoke", &prefix]).success();
    let again = waybill(&["keys", "revoke", &prefix]);
    assert_eq!(again.code, Some(1), "{again:?}");
}
