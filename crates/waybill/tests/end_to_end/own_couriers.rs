//! A courier of one's own, from the first number that nobody recognises to its folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::harness::{Command, KEY, Server, config, folder, seconds, text, wait_for};

const TRACKINGS: &str = "/tracking/2026-07/trackings";

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = fs::read(&path).unwrap();
                files.insert(path, content);
            }
        }
    }
    files
}

fn of_number(server: &Server, number: &str) -> Value {
    let list = server.get(&format!("{TRACKINGS}?tracking_numbers={number}"));
    list["trackings"][0].clone()
}

#[test]
fn a_file_is_imported_and_its_unknown_numbers_are_recognised_by_a_new_folder() {
    let folder = folder();
    let own = folder.path().join("my-couriers");
    fs::create_dir(&own).unwrap();
    let waybill = |words: &[&str]| Command::new(folder.path(), words).run();
    let dir = format!("couriers_dir = {:?}\n{}", own, config(0.1));
    let server = Server::start(folder.path(), &dir);

    let rows = "\u{feff}Tracking_number;courier;title;colour\n\
                ITOD-1-FILE;;From a file;red\n\
                TCE/0001;;Nobody's;\n\
                12;;Too short;\n\
                1Z7X41R00340192776;no-such-courier;;\n";
    fs::write(folder.path().join("rows.csv"), rows).unwrap();
    let imported = waybill(&["import", "rows.csv"]);
    assert_eq!(imported.code, Some(1), "{imported:?}");
    for line in [
        "line 4: 12: 4005",
        "line 5: 1Z7X41R00340192776: 4010",
        "2 of 4 rows made, 1 of them of no courier that is known; 2 refused",
    ] {
        assert!(imported.stdout.contains(line), "{imported:?}");
    }
    assert!(imported.stderr.contains("`colour`"), "{imported:?}");
    let again = waybill(&["import", "rows.csv"]);
    assert!(
        again.stdout.contains("line 2: ITOD-1-FILE: 4003"),
        "{again:?}"
    );
    let made = of_number(&server, "ITOD-1-FILE");
    assert_eq!(text(&made["source"]), "csv");
    server.reaches(text(&made["id"]), "Delivered");
    let unknown = of_number(&server, "TCE/0001");
    assert_eq!(text(&unknown["slug"]), "unrecognized");
    let id = text(&unknown["id"]).to_owned();

    // A courier is its folder, and nothing else changes.
    let before = files(&own);
    waybill(&["couriers", "new", "tin-can-express"]).success();
    let folder_of_it = own.join("tin-can-express");
    let added = files(&own);
    let elsewhere = added
        .iter()
        .filter(|(path, content)| before.get(*path) != Some(content));
    let mut elsewhere = elsewhere.filter(|(path, _)| !path.starts_with(&folder_of_it));
    assert_eq!(elsewhere.next(), None);
    let definition = fs::read_to_string(folder_of_it.join("courier.toml")).unwrap();
    let definition = definition.replace(r"XX\d{10}", r"TCE/\d{4}");
    let definition = definition.replace("XX0000000001", "TCE/0001");
    fs::write(folder_of_it.join("courier.toml"), definition).unwrap();
    waybill(&["couriers", "check"]).success();
    server.process.hang_up();
    wait_for("the number is recognised", seconds(30), || {
        let tracking = server.get(&format!("{TRACKINGS}/{id}"));
        (tracking["slug"] == "tin-can-express").then_some(())
    });
    let asked = server.asked(&id);
    assert_eq!(text(&asked["slug"]), "tin-can-express");
    assert!(!server.process.log().contains(KEY));

    // Folders with a fault change nothing.
    fs::write(folder_of_it.join("read.jq"), "def f: f; f").unwrap();
    server.process.hang_up();
    wait_for("the fault is told", seconds(30), || {
        server
            .process
            .log()
            .contains("stay as they were")
            .then_some(())
    });
    assert_eq!(of_number(&server, "TCE/0001")["slug"], "tin-can-express");
}

#[test]
fn a_file_that_cannot_be_imported_says_why() {
    let folder = folder();
    let waybill = |words: &[&str]| Command::new(folder.path(), words).run();
    let _server = Server::start(folder.path(), &config(0.1));
    assert!(
        waybill(&["import", "none.csv"])
            .refused()
            .contains("none.csv")
    );
    for (content, told) in [
        ("number\nX\n", "tracking_number"),
        ("", "tracking_number"),
        ("tracking_number,title\nA1234,b,c\n", "2"),
    ] {
        fs::write(folder.path().join("rows.csv"), content).unwrap();
        let refused = waybill(&["import", "rows.csv"]).refused();
        assert!(refused.contains(told), "{refused}");
    }
    let many = "tracking_number\n".to_owned() + &"X\n".repeat(20_001);
    fs::write(folder.path().join("rows.csv"), many).unwrap();
    assert!(waybill(&["import", "rows.csv"]).refused().contains("20000"));
}
