//! What the drivers need: interpreters, the SDKs in folders of their own, a key pair.
//!
//! All of it lies under `target/conformance` and is made once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{
    FOLDER,
    sdk::{Registry, Sdk},
};
use crate::{execute, works};

/// The interpreters.
pub(crate) struct Tools {
    /// Of the virtual environment with what the Python SDKs stand on.
    pub python: PathBuf,
    /// Where everything lies.
    pub home: PathBuf,
}

/// An RSA key pair.
pub(crate) struct KeyPair {
    /// PEM, PKCS#1, as the SDKs want it.
    pub private: String,
    /// The file with the public half.
    pub public: PathBuf,
}

/// Makes a pair and writes both halves into a folder.
const MAKE_PAIR: &str = "
import pathlib, sys
from Crypto.PublicKey import RSA
folder, pair = pathlib.Path(sys.argv[1]), RSA.generate(2048)
folder.mkdir(parents=True, exist_ok=True)
(folder / 'public.pem').write_bytes(pair.public_key().export_key())
(folder / 'private.pem').write_bytes(pair.export_key())
";

/// Makes the virtual environment.
pub(crate) fn install_tools() -> Result<Tools> {
    interpreters()?;
    let home = home()?;
    let environment = home.join("python");
    let python = environment.join("bin/python");
    let requirements = Path::new(FOLDER).join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    once(&environment, &wanted, || {
        execute("python3", &["-m", "venv", &text(&environment)])?;
        pip(&python, &["--requirement", &text(&requirements)])
    })?;
    Ok(Tools { python, home })
}

/// Installs Node and Python where they are missing.
pub(crate) fn interpreters() -> Result<()> {
    if !works("node", &["--version"]) || !works("npm", &["--version"]) {
        packages(&["nodejs", "npm"])?;
    }
    if !works("python3", &["-c", "import venv, ensurepip"]) {
        packages(&["python3", "python3-venv"])?;
    }
    Ok(())
}

/// Where everything lies.
pub(crate) fn home() -> Result<PathBuf> {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    fs::create_dir_all(&target)?;
    Ok(fs::canonicalize(&target)?.join("conformance"))
}

/// Puts a release into a folder of its own: majors of one package cannot share one.
pub(crate) fn sdk(tools: &Tools, sdk: &Sdk) -> Result<()> {
    let folder = folder(tools, sdk);
    let wanted = format!("{} {} {}", sdk.package, sdk.release, sdk.beside.join(" "));
    once(&folder, &wanted, || match sdk.registry {
        Registry::Pypi => {
            let release = format!("{}=={}", sdk.package, sdk.release);
            pip(
                &tools.python,
                &["--no-deps", "--target", &text(&folder), &release],
            )
        }
        Registry::Npm => {
            // Without a manifest of its own npm would install into a folder above.
            fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
            let release = format!("{}@{}", sdk.package, sdk.release);
            let prefix = text(&folder);
            let mut arguments = vec!["install", "--prefix", &prefix, "--no-save"];
            arguments.extend(["--no-package-lock", "--no-audit", "--no-fund"]);
            arguments.extend(["--ignore-scripts", "--loglevel=error", &release]);
            arguments.extend(sdk.beside.iter().map(String::as_str));
            execute("npm", &arguments)
        }
    })
}

/// Where a release was put.
fn folder(tools: &Tools, sdk: &Sdk) -> PathBuf {
    tools.home.join(sdk.label().replace(' ', "-"))
}

/// The interpreter that finds a release.
pub(crate) fn interpreter(tools: &Tools, sdk: &Sdk) -> Command {
    let folder = folder(tools, sdk);
    match sdk.registry {
        Registry::Pypi => {
            let mut python = Command::new(&tools.python);
            python
                .env("PYTHONPATH", folder)
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .env("PYTHONWARNINGS", "ignore");
            python
        }
        Registry::Npm => {
            let mut node = Command::new("node");
            node.env("NODE_PATH", folder.join("node_modules"))
                .env("NODE_NO_WARNINGS", "1");
            node
        }
    }
}

/// A key pair that lasts as long as the folder.
pub(crate) fn key_pair(tools: &Tools, name: &str) -> Result<KeyPair> {
    let folder = tools.home.join("keys").join(name);
    once(&folder, "RSA 2048", || {
        execute(&text(&tools.python), &["-c", MAKE_PAIR, &text(&folder)])
    })?;
    Ok(KeyPair {
        private: fs::read_to_string(folder.join("private.pem"))?,
        public: folder.join("public.pem"),
    })
}

/// Installs releases from Python's registry.
pub(crate) fn pip(python: &Path, arguments: &[&str]) -> Result<()> {
    let quiet = ["-m", "pip", "install", "--quiet"];
    let options = ["--disable-pip-version-check", "--no-input"];
    execute(&text(python), &[&quiet[..], &options, arguments].concat())
}

/// Makes a folder, unless it was made for the same wish. What is half made is made anew.
pub(crate) fn once(folder: &Path, wanted: &str, make: impl FnOnce() -> Result<()>) -> Result<()> {
    let mark = folder.join(".made");
    if fs::read_to_string(&mark).is_ok_and(|made| made == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(folder)?;
    make()?;
    fs::write(mark, wanted)?;
    Ok(())
}

/// Installs packages of the distribution.
fn packages(names: &[&str]) -> Result<()> {
    if !works("apt-get", &["--version"]) {
        bail!("the tests need {}; install and try again", names.join(", "));
    }
    execute("apt-get", &["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    execute("apt-get", &[&install[..], names].concat())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
