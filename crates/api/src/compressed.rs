//! gzip for callers that take it.

use std::cell::RefCell;

use axum::http::{HeaderMap, header};
use flate2::{Compress, Compression, FlushCompress, Status};

use crate::MIN_COMPRESSED_BYTES;

/// How far back repetitions are found: as far as gzip allows.
const WINDOW_BITS: u8 = 15;

/// Whether an answer is large enough to be sent compressed to those who take that.
pub(crate) fn is_sizeable(text: &str) -> bool {
    text.len() >= MIN_COMPRESSED_BYTES
}

/// Whether the request takes gzip (RFC 9110 §12.5.3): by name, or by `*` where the name is not said.
pub(crate) fn takes_gzip(request: &HeaderMap) -> bool {
    let lists = request.get_all(header::ACCEPT_ENCODING).iter();
    let mut any = false;
    for coding in lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b',')) {
        let coding = str::from_utf8(coding).unwrap_or_default();
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::trim);
        let is_taken =
            weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0));
        match name.trim() {
            "*" => any = is_taken,
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => {
                return is_taken;
            }
            _ => {}
        }
    }
    any
}

thread_local! {
    /// Used again and again: making one clears hundreds of KB.
    static DEFLATE: RefCell<Compress> = RefCell::new(Compress::new_gzip(Compression::fast(), WINDOW_BITS));
}

/// The text compressed, faster rather than smaller.
pub(crate) fn compressed(text: &str) -> Option<Vec<u8>> {
    DEFLATE.with_borrow_mut(|deflate| {
        deflate.reset();
        let mut gzip = Vec::with_capacity(text.len() / 2);
        loop {
            let read = usize::try_from(deflate.total_in()).ok()?;
            let rest = text.as_bytes().get(read..)?;
            match deflate.compress_vec(rest, &mut gzip, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return Some(gzip),
                Ok(_) => gzip.reserve(text.len() / 4 + MIN_COMPRESSED_BYTES),
                Err(_) => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::http::HeaderValue;
    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn texts_of_every_size_come_back() {
        // Words that repeat, and noise that does not get smaller.
        let noise = |at: u32| char::from(b' ' + (at.wrapping_mul(2_654_435_761) >> 25) as u8 % 95);
        for size in [0, 1, 1_024, 70_000, 500_000] {
            let random: String = (0..size).map(noise).collect();
            for text in ["tracking ".repeat(size as usize / 9), random] {
                let gzip = compressed(&text).expect("compressed");
                let mut back = String::new();
                let read = GzDecoder::new(&gzip[..]).read_to_string(&mut back);
                assert!(read.is_ok() && back == text, "{size}");
            }
        }
    }

    #[test]
    fn gzip_is_taken_as_the_caller_weighs_it() {
        for (lists, expected) in [
            (&["gzip"][..], true),
            (&["gzip, deflate, br"], true),
            (&["deflate", "GZIP;q=0.5"], true),
            (&["x-gzip"], true),
            (&["*"], true),
            (&["br;q=1.0, *;q=0.1"], true),
            (&[], false),
            (&[""], false),
            (&["identity"], false),
            (&["utf-8"], false),
            (&["gzip;q=0"], false),
            (&["gzip; q=0.000, *"], false),
            (&["*;q=0"], false),
            (&["gzip;q=much"], false),
        ] {
            let mut headers = HeaderMap::new();
            for list in lists {
                let list = HeaderValue::from_str(list).expect("a header");
                headers.append(header::ACCEPT_ENCODING, list);
            }
            assert_eq!(takes_gzip(&headers), expected, "{lists:?}");
        }
    }
}
