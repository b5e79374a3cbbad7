//! Loading the folders: those of the binary, and those of a folder of the user's own.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use rust_embed::RustEmbed;
use waybill_model::CourierSlug;

use crate::{
    catalogue::{self, CATALOGUE},
    courier::{Courier, FolderFile},
    detection::Index,
};

/// Bytes of one file of a courier's folder.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Files of one courier's folder.
const MAX_FILES: usize = 500;
/// Folders in a folder of couriers; there are some fifteen hundred couriers in the world's catalogues.
const MAX_FOLDERS: usize = 5_000;

/// All couriers. Cheap to share, never changed after loading.
#[derive(Debug)]
pub struct Couriers {
    pub(crate) couriers: BTreeMap<CourierSlug, Courier>,
    pub(crate) index: Index,
}

/// Why couriers cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{folder}/{file}: {problem}")]
pub struct LoadError {
    /// The courier's folder.
    pub folder: String,
    /// The file in it.
    pub file: String,
    /// What is wrong, with the line or field.
    pub problem: String,
}

/// The folders of the binary.
#[derive(RustEmbed)]
#[folder = "../../couriers"]
struct Embedded;

impl Couriers {
    /// The couriers compiled into the binary: those of the catalogue, and those with a folder.
    pub fn embedded() -> Result<Self, LoadError> {
        let mut folders: BTreeMap<String, Vec<FolderFile>> = BTreeMap::new();
        for path in Embedded::iter() {
            // Files beside the folders are no couriers.
            let Some((folder, file)) = path.split_once('/') else {
                continue;
            };
            let Some(content) = Embedded::get(&path) else {
                continue;
            };
            folders
                .entry(folder.to_owned())
                .or_default()
                .push(FolderFile {
                    path: file.to_owned(),
                    bytes: content.data.into_owned(),
                });
        }
        let mut couriers = match Embedded::get(CATALOGUE) {
            Some(content) => catalogue::parse(&String::from_utf8_lossy(&content.data))?,
            None => BTreeMap::new(),
        };
        for (name, files) in folders {
            let courier = Courier::load(&format!("couriers/{name}"), &name, &files)?;
            couriers.insert(courier.slug().clone(), courier);
        }
        Self::indexed(couriers)
    }

    /// The couriers of a folder of folders alone.
    pub fn from_folder(dir: &Path) -> Result<Self, LoadError> {
        Self::added(BTreeMap::new(), dir)
    }

    /// Adds the couriers of a folder of folders; one of the same slug replaces the whole of ours.
    pub fn with_folder(self, dir: &Path) -> Result<Self, LoadError> {
        Self::added(self.couriers, dir)
    }

    /// The courier with this slug.
    pub fn get(&self, slug: &str) -> Option<&Courier> {
        self.couriers.get(&CourierSlug::parse(slug)?)
    }

    /// All couriers, in the order of their slugs.
    pub fn all(&self) -> impl Iterator<Item = &Courier> {
        self.couriers.values()
    }

    fn added(mut couriers: BTreeMap<CourierSlug, Courier>, dir: &Path) -> Result<Self, LoadError> {
        let folders = folders(dir).map_err(|(path, problem)| error(dir, &path, problem))?;
        for folder in folders {
            let name = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let mut files = Vec::new();
            collect(&folder, "", &mut files)
                .map_err(|(path, problem)| error(&folder, &path, problem))?;
            let courier = Courier::load(&folder.to_string_lossy(), &name, &files)?;
            couriers.insert(courier.slug().clone(), courier);
        }
        Self::indexed(couriers)
    }

    fn indexed(couriers: BTreeMap<CourierSlug, Courier>) -> Result<Self, LoadError> {
        let formats = couriers
            .iter()
            .map(|(slug, courier)| (slug, courier.definition.numbers.as_slice()));
        let index = Index::new(formats).map_err(|problem| LoadError {
            folder: "couriers".to_owned(),
            file: "courier.toml".to_owned(),
            problem: format!("numbers: {problem}"),
        })?;
        Ok(Self { couriers, index })
    }
}

type Fault = (String, String);

fn error(folder: &Path, file: &str, problem: String) -> LoadError {
    LoadError {
        folder: folder.to_string_lossy().into_owned(),
        file: file.to_owned(),
        problem,
    }
}

/// The folders directly in `dir`, in order; hidden ones are not looked at.
fn folders(dir: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |it: std::io::Error| (String::new(), it.to_string());
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        if entry.path().is_dir() && !entry.file_name().to_string_lossy().starts_with('.') {
            folders.push(entry.path());
        }
        if folders.len() > MAX_FOLDERS {
            return Err((
                String::new(),
                format!("has more than {MAX_FOLDERS} folders"),
            ));
        }
    }
    folders.sort();
    Ok(folders)
}

/// The files of a courier's folder and of its `samples/`.
fn collect(folder: &Path, within: &str, files: &mut Vec<FolderFile>) -> Result<(), Fault> {
    let here = |it: std::io::Error| (within.to_owned(), it.to_string());
    let mut entries = fs::read_dir(folder.join(within))
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(here)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{within}{name}");
        let fault = |it: std::io::Error| (path.clone(), it.to_string());
        let metadata = fs::metadata(entry.path()).map_err(fault)?;
        if metadata.is_dir() {
            if within.is_empty() && name == "samples" {
                collect(folder, "samples/", files)?;
            }
            continue;
        }
        if metadata.len() > MAX_FILE_BYTES {
            return Err((path, format!("is longer than {MAX_FILE_BYTES} bytes")));
        }
        if files.len() >= MAX_FILES {
            return Err((
                path,
                format!("is one file too many: the limit is {MAX_FILES}"),
            ));
        }
        let bytes = fs::read(entry.path()).map_err(fault)?;
        files.push(FolderFile { path, bytes });
    }
    Ok(())
}
