//! Lines on stdout.

use std::{fmt::Display, io::Write, process};

/// Prints a line. A reader that went away (`| head`) ends the program quietly: what it asked for
/// is done.
pub fn say(line: impl Display) {
    let mut stdout = std::io::stdout().lock();
    if writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .is_err()
    {
        process::exit(0);
    }
}
