//! The running binary.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Stdio},
};

use serde_json::{Value, json};

use crate::{Answer, Command, seconds, send, wait_for};

/// The key of the organization that a server is started with.
pub const KEY: &str = "key-of-the-test";

/// A command of the binary that serves.
pub struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: PathBuf,
    /// Host and port.
    pub address: String,
}

impl Process {
    /// Starts it and reads the line that says where it listens.
    pub fn start(folder: &Path, command: Command) -> Self {
        let stderr = folder.join("stderr.log");
        let log = File::options()
            .create(true)
            .append(true)
            .open(&stderr)
            .unwrap();
        let mut child = command
            .into_inner()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line
            .strip_prefix("listening on http://")
            .map(|rest| rest.trim_end().to_owned());
        let address = address.unwrap_or_else(|| {
            let log = std::fs::read_to_string(&stderr).unwrap_or_default();
            panic!("no start line but `{line}`\n{log}")
        });
        Self {
            child,
            stdout,
            stderr,
            address,
        }
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end and waits; answers exit code and what else it printed.
    pub fn terminate(&mut self) -> (Option<i32>, String) {
        kill_with("TERM", self.child.id());
        let status = wait_for("the server ends", seconds(20), || {
            self.child.try_wait().unwrap()
        });
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (status.code(), rest)
    }

    /// Stops it in the middle of whatever it does, until [`Self::thaw`].
    pub fn freeze(&self) {
        kill_with("STOP", self.child.id());
    }

    /// Has it read its couriers again.
    pub fn hang_up(&self) {
        kill_with("HUP", self.child.id());
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        kill_with("CONT", self.child.id());
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything it said on stderr.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill();
        }
        if std::thread::panicking() {
            eprintln!("--- log of {}\n{}", self.address, self.log());
        }
    }
}

/// Sends a signal to a process that this test started.
fn kill_with(signal: &str, id: u32) {
    let status = std::process::Command::new("kill")
        .args([&format!("-{signal}"), &id.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// `waybill serve` with one organization whose key is [`KEY`].
pub struct Server {
    /// The process.
    pub process: Process,
}

impl Server {
    /// A server on the folder's database with this configuration.
    pub fn start(folder: &Path, config: &str) -> Self {
        std::fs::write(folder.join("waybill.toml"), config).unwrap();
        Self::start_as(
            folder,
            Command::new(folder, &["serve", "--listen", "127.0.0.1:0"]),
        )
    }

    /// A server on a PostgreSQL database with this configuration.
    pub fn start_on(folder: &Path, config: &str, database: &str) -> Self {
        std::fs::write(folder.join("waybill.toml"), config).unwrap();
        let command = Command::new(folder, &["serve", "--listen", "127.0.0.1:0"]);
        Self::start_as(folder, command.env("WAYBILL_DATABASE", database))
    }

    /// A node with these roles on a database, set up by the `waybill.toml` of the folder.
    pub fn node(folder: &Path, database: &str, roles: &str) -> Self {
        let words = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database",
            database,
            "--roles",
            roles,
        ];
        Self::start_as(folder, Command::new(folder, &words))
    }

    /// A server by a command of the test's own.
    pub fn start_as(folder: &Path, command: Command) -> Self {
        Self {
            process: Process::start(folder, command.env("WAYBILL_BOOTSTRAP_API_KEY", KEY)),
        }
    }

    /// A request with the key; an error is a connection that broke.
    pub fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Answer> {
        send(
            &self.process.address,
            method,
            path,
            &[("as-api-key", KEY)],
            body,
        )
    }

    /// A request with the key.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_send(method, path, body).unwrap()
    }

    /// `data` of a GET that must succeed.
    pub fn get(&self, path: &str) -> Value {
        self.send("GET", path, None).data(200)
    }

    /// Makes a webhook; answers it with its secret.
    pub fn create_webhook(&self, url: &str, events: &[&str]) -> Value {
        self.send(
            "POST",
            "/waybill/v1/webhooks",
            Some(&json!({"url": url, "events": events})),
        )
        .data(201)
    }

    /// A webhook as it is now.
    pub fn webhook(&self, webhook: &Value) -> Value {
        self.get(&format!("/waybill/v1/webhooks/{}", text(&webhook["id"])))
    }

    /// Does something with a webhook: `pause`, `resume`, `test`, `rotate-secret`.
    pub fn webhook_action(&self, webhook: &Value, action: &str) -> Value {
        let path = format!("/waybill/v1/webhooks/{}/{action}", text(&webhook["id"]));
        let answer = self.send("POST", &path, None);
        assert!((200..300).contains(&answer.status), "{answer:?}");
        answer.json()["data"].clone()
    }

    /// Deliveries of a webhook with this status, newest first.
    pub fn deliveries(&self, webhook: &Value, status: &str) -> Vec<Value> {
        let path = format!(
            "/waybill/v1/webhook-deliveries?limit=100&webhook_id={}&status={status}",
            text(&webhook["id"])
        );
        self.get(&path)["webhook_deliveries"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Makes a tracking; answers its id.
    pub fn create_tracking(&self, number: &str) -> String {
        let made = self.send(
            "POST",
            "/tracking/2026-07/trackings",
            Some(&json!({"tracking_number": number})),
        );
        text(&made.data(201)["id"]).to_owned()
    }

    /// A tracking as it is now.
    pub fn tracking(&self, id: &str) -> Value {
        self.get(&format!("/tracking/2026-07/trackings/{id}"))
    }

    /// The first leg of a tracking's polling page.
    pub fn leg(&self, id: &str) -> Value {
        self.get(&format!("/waybill/v1/trackings/{id}/polling"))["legs"][0].clone()
    }

    /// Waits until a tracking has this tag.
    pub fn reaches(&self, id: &str, tag: &str) -> Value {
        wait_for(&format!("{id} reaches {tag}"), seconds(20), || {
            let tracking = self.tracking(id);
            (tracking["tag"] == tag).then_some(tracking)
        })
    }

    /// Waits until the first leg of a tracking was asked; answers it.
    pub fn asked(&self, id: &str) -> Value {
        wait_for(&format!("{id} is asked"), seconds(20), || {
            let leg = self.leg(id);
            (!leg["outcome"].is_null()).then_some(leg)
        })
    }
}

/// The text of a JSON string.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
