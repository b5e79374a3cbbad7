//! A courier's folder made for one test.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file uses a part of this, and a test may fail here"
)]

use std::{fs, path::Path};

use jiff::Timestamp;
use waybill_couriers::{Courier, Couriers, Credentials, HttpAnswer, LoadError, Outcome, Query};

/// The moment tests happen at.
pub fn now() -> Timestamp {
    "2026-03-05T12:00:00Z".parse().unwrap()
}

/// A query for a number.
pub fn query(number: &str) -> Query {
    Query::new(number, now(), now())
}

/// The files of the courier `acme`.
pub struct Folder {
    pub definition: String,
    pub request: String,
    pub read: String,
    pub statuses: String,
}

impl Default for Folder {
    fn default() -> Self {
        Self {
            definition: definition("{ kind = \"none\" }", "", ""),
            request: "{method: \"GET\", url: \"https://api.acme.test/t/\\(.query.number | @uri)\"}"
                .into(),
            read: "{shipments: [{checkpoints: .body.scans}]}".into(),
            statuses: "field,code,sub_status,events\ncode,D,Delivered_001,\n".into(),
        }
    }
}

/// A `courier.toml` with this authentication, these credentials, and other lines at the top.
pub fn definition(authentication: &str, credentials: &str, top: &str) -> String {
    format!(
        "slug = \"acme\"\nname = \"Acme\"\nevidence = \"guessed\"\n{top}\n[connection]\n\
         authentication = {authentication}\ncredentials = [{credentials}]\n\
         requests_per_second = 1.0\nconcurrency = 1\ntimeout_seconds = 5\ncomplete = true\n"
    )
}

impl Folder {
    /// Writes the folder `acme` below a directory.
    pub fn write(&self, dir: &Path) {
        let folder = dir.join("acme");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("courier.toml"), &self.definition).unwrap();
        fs::write(folder.join("request.jq"), &self.request).unwrap();
        fs::write(folder.join("read.jq"), &self.read).unwrap();
        fs::write(folder.join("statuses.csv"), &self.statuses).unwrap();
    }

    /// Loads it.
    pub fn load(&self) -> Result<Couriers, LoadError> {
        let dir = tempfile::tempdir().unwrap();
        self.write(dir.path());
        Couriers::from_folder(dir.path())
    }

    /// Loads it and reads an answer with it.
    pub fn read(&self, status: u16, body: &[u8]) -> Outcome {
        read(acme(&self.load().unwrap()), status, body)
    }
}

/// The courier of the folder.
pub fn acme(couriers: &Couriers) -> &Courier {
    couriers.get("acme").unwrap()
}

/// Reads an answer without headers.
pub fn read(courier: &Courier, status: u16, body: &[u8]) -> Outcome {
    courier.read(
        &query("AC12345"),
        &HttpAnswer {
            status,
            headers: &[],
            body,
        },
    )
}

/// Credentials from pairs.
pub fn credentials(pairs: &[(&str, &str)]) -> Credentials {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
