//! What strace recorded: writes, truncations and syncs of the database's files, and answers.

use std::collections::HashMap;

use super::{Disk, torn};
use crate::random::Random;

/// All that matters of it, in the order in which it began.
pub struct Record {
    entries: Vec<Entry>,
    lines: usize,
}

/// One call.
struct Entry {
    /// The lines on which it began and ended; one that never ended may still have happened.
    begun: usize,
    ended: usize,
    what: What,
}

enum What {
    Write {
        file: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: String,
        length: usize,
    },
    Sync {
        file: String,
    },
    Unlink {
        file: String,
    },
    /// A create was answered with this id.
    Answer(String),
}

impl Record {
    /// Reads strace's lines (`-f -y -xx`); files are those whose name begins so.
    pub fn read(text: &str, prefix: &str) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        // Calls that have begun, by thread.
        let mut open: HashMap<&str, usize> = HashMap::new();
        let mut lines = 0;
        for (number, line) in text.lines().enumerate() {
            lines = number + 1;
            let Some((thread, call)) = line.split_once(' ') else {
                continue;
            };
            let call = call.trim_start();
            if call.starts_with("<...") {
                if let Some(place) = open.remove(thread) {
                    entries[place].ended = number;
                }
                continue;
            }
            let Some(what) = what(call, prefix) else {
                continue;
            };
            let is_open = call.ends_with("<unfinished ...>");
            if is_open {
                open.insert(thread, entries.len());
            }
            entries.push(Entry {
                begun: number,
                ended: if is_open { usize::MAX } else { number },
                what,
            });
        }
        Self { entries, lines }
    }

    /// How many writes, syncs and answers there are.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(&What) -> bool| {
            let entries = self.entries.iter();
            entries.filter(|entry| is(&entry.what)).count()
        };
        (
            count(|what| matches!(what, What::Write { .. })),
            count(|what| matches!(what, What::Sync { .. })),
            count(|what| matches!(what, What::Answer(_))),
        )
    }

    /// The moments at which power may fail: from the first answer to the end.
    pub fn moments(&self) -> std::ops::Range<usize> {
        let first = self
            .entries
            .iter()
            .find(|entry| matches!(entry.what, What::Answer(_)));
        first.map_or(0, |entry| entry.begun)..self.lines
    }

    /// What the disk may have when power fails at this line, and what was answered until then.
    pub fn cut(&self, line: usize, random: &mut Random) -> (Disk, Vec<String>) {
        // What each file's last finished sync found finished is safe.
        let mut safe: HashMap<&str, usize> = HashMap::new();
        let issued: Vec<&Entry> = self.issued(line).collect();
        for entry in &issued {
            if let What::Sync { file } = &entry.what
                && entry.ended < line
            {
                let border = safe.entry(file).or_default();
                *border = (*border).max(entry.begun);
            }
        }
        // How much of the rest reaches the disk differs from cut to cut: nothing to nearly all.
        let keep_of_ten = random.below(11);
        let mut disk = Disk::new();
        let mut answered = Vec::new();
        for entry in issued {
            let mut survives = |file: &String| {
                let is_safe = safe
                    .get(file.as_str())
                    .is_some_and(|border| entry.ended < *border);
                if is_safe {
                    Fate::Whole
                } else if random.below(10) >= keep_of_ten {
                    Fate::Lost
                } else if random.below(4) == 0 {
                    Fate::Torn
                } else {
                    Fate::Whole
                }
            };
            match &entry.what {
                What::Write {
                    file,
                    offset,
                    bytes,
                } => {
                    let length = match survives(file) {
                        Fate::Lost => continue,
                        Fate::Whole => bytes.len(),
                        Fate::Torn => torn(bytes.len(), random),
                    };
                    let content = disk.entry(file.clone()).or_default();
                    let end = offset + length;
                    if content.len() < end {
                        content.resize(end, 0);
                    }
                    content[*offset..end].copy_from_slice(&bytes[..length]);
                }
                What::Truncate { file, length } => {
                    if !matches!(survives(file), Fate::Lost) {
                        disk.entry(file.clone()).or_default().resize(*length, 0);
                    }
                }
                // File systems with a journal keep such changes in order, and any later sync of a file
                // carries them: the journal of the first tables was gone before the first answer.
                What::Unlink { file } => {
                    disk.remove(file);
                }
                What::Answer(id) => answered.push(id.clone()),
                What::Sync { .. } => {}
            }
        }
        (disk, answered)
    }

    fn issued(&self, line: usize) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .take_while(move |entry| entry.begun < line)
    }
}

/// What becomes of a write that no sync has covered.
enum Fate {
    Lost,
    Torn,
    Whole,
}

/// What a call does, if it matters.
fn what(call: &str, prefix: &str) -> Option<What> {
    let (name, arguments) = call.split_once('(')?;
    if matches!(name, "write" | "writev" | "sendto" | "sendmsg") {
        return answer(arguments);
    }
    let is_unlink = matches!(name, "unlink" | "unlinkat");
    let path = if is_unlink {
        between(arguments, '"', '"')?
    } else {
        between(arguments, '<', '>')?
    };
    let path = String::from_utf8(unhex(path)).ok()?;
    let file = path.rsplit('/').next()?;
    // The index of the log is made anew after a loss of power.
    if !file.starts_with(prefix) || file.ends_with("-shm") || file.contains(".key") {
        return None;
    }
    let file = file.to_owned();
    // The text that follows the path, or the bytes, without what strace says of the result.
    let rest = arguments
        .rsplit_once([')', '<'])
        .map_or(arguments, |(rest, _)| rest);
    let number = |place: usize| -> Option<usize> {
        let from_end = rest.rsplit(", ").nth(place)?;
        from_end.trim().trim_end_matches(')').trim().parse().ok()
    };
    match name {
        "pwrite64" => Some(What::Write {
            file,
            offset: number(0)?,
            bytes: unhex(between(arguments, '"', '"')?),
        }),
        "ftruncate" => Some(What::Truncate {
            file,
            length: number(0)?,
        }),
        "fsync" | "fdatasync" => Some(What::Sync { file }),
        _ if is_unlink => Some(What::Unlink { file }),
        _ => None,
    }
}

/// The id in the answer of a create.
fn answer(arguments: &str) -> Option<What> {
    // Cheap to see: most writes are none.
    const CREATED: &str = "\\x48\\x54\\x54\\x50\\x2f\\x31\\x2e\\x31\\x20\\x32\\x30\\x31";
    if !arguments.contains(CREATED) {
        return None;
    }
    let texts = arguments.split('"').skip(1).step_by(2);
    let bytes: Vec<u8> = texts.flat_map(unhex).collect();
    let text = String::from_utf8_lossy(&bytes);
    let (_, id) = text.split_once("\"data\":{\"id\":\"")?;
    Some(What::Answer(id.get(..32)?.to_owned()))
}

fn between(text: &str, open: char, close: char) -> Option<&str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(found, _)| found)
}

/// `\x48\x54` as bytes.
fn unhex(text: &str) -> Vec<u8> {
    let bytes = text.split("\\x").skip(1);
    bytes
        .filter_map(|byte| u8::from_str_radix(byte.get(..2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"
1 pwrite64(3<\x2f\x74\x2f\x61\x2e\x64\x62>, "\x01\x02", 2, 0) = 2
1 fdatasync(3<\x2f\x74\x2f\x61\x2e\x64\x62> <unfinished ...>
2 pwrite64(3<\x2f\x74\x2f\x61\x2e\x64\x62>, "\x03", 1, 1 <unfinished ...>
1 <... fdatasync resumed>) = 0
2 <... pwrite64 resumed>) = 1
1 ftruncate(3<\x2f\x74\x2f\x61\x2e\x64\x62>, 1) = 0
"#;

    #[test]
    fn what_a_sync_covered_is_there_and_of_the_rest_anything() {
        let record = Record::read(LOG, "a.db");
        assert_eq!(record.counts(), (2, 1, 0));
        let mut found = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let (disk, _) = record.cut(usize::MAX, &mut Random::new(seed));
            found.insert(disk["a.db"].clone());
        }
        // With and without the second write, with and without the truncation.
        let all = [vec![1], vec![1, 2], vec![1, 3]];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), all);
        // Before the sync has ended nothing is safe.
        let lost = (0..50).any(|seed| {
            let (disk, _) = record.cut(4, &mut Random::new(seed));
            !disk.contains_key("a.db")
        });
        assert!(lost);
    }
}
