//! A command of the binary that runs to its end.

use std::{
    path::{Path, PathBuf},
    process,
    sync::OnceLock,
};

/// The binary, where it is not the one beside this program.
static BINARY: OnceLock<PathBuf> = OnceLock::new();

/// Names the binary that all commands run; the first call counts.
pub fn use_binary(path: &Path) {
    let _ = BINARY.set(path.to_owned());
}

/// The one that was named, or the one that was built with this program, which may be a test.
fn binary() -> PathBuf {
    BINARY.get().cloned().unwrap_or_else(|| {
        let this = std::env::current_exe().unwrap();
        let folders = this.ancestors().skip(1);
        let mut found = folders.map(|folder| folder.join("waybill"));
        found.find(|path| path.is_file()).unwrap()
    })
}

/// `waybill …` in a folder, with no environment but what is given.
pub struct Command(process::Command);

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Command {
    /// The binary with these words behind it.
    pub fn new(folder: &Path, words: &[&str]) -> Self {
        Self::under(&[], folder, words)
    }

    /// The same as the last words of another command.
    pub fn under(other: &[&str], folder: &Path, words: &[&str]) -> Self {
        let mut command = match other.split_first() {
            Some((program, others)) => {
                let mut command = process::Command::new(program);
                command.args(others).arg(binary());
                command
            }
            None => process::Command::new(binary()),
        };
        command.args(words).current_dir(folder).env_clear();
        for name in ["PATH", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Self(command)
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Ended {
        let output = self.0.output().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// For those that go on running.
    pub(crate) fn into_inner(self) -> process::Command {
        self.0
    }
}

impl Ended {
    /// What it printed, where it must have succeeded.
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The message, where it must have refused what was asked.
    pub fn refused(self) -> String {
        assert_eq!(self.code, Some(2), "{self:?}");
        assert_eq!(self.stdout, "", "a refusal prints nothing on stdout");
        self.stderr
    }
}
