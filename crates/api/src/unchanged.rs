//! `ETag` and `If-None-Match`: what the caller has already is not sent again.

use std::hash::{BuildHasher, Hasher};

use axum::http::HeaderValue;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use foldhash::quality::FixedState;

/// Any fixed number: nodes have to agree on the tag of the same answer.
const SEED: u64 = 0x7761_7962_696c_6c21;

/// The tag of an answer. Weak: the same answer may be sent compressed or not. It is of the whole text,
/// so that whatever changes the answer changes it: the tracking, the clock, `fields`, the version.
pub(crate) fn tag_of(text: &str) -> Option<HeaderValue> {
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    hasher.write(text.as_bytes());
    let mut tag = String::with_capacity(16);
    tag.push_str("W/\"");
    URL_SAFE_NO_PAD.encode_string(hasher.finish().to_be_bytes(), &mut tag);
    tag.push('"');
    HeaderValue::try_from(tag).ok()
}

/// Whether lists of tags name this one, compared weakly (RFC 9110 §13.1.2). No tag of ours has a
/// comma.
pub(crate) fn names(lists: &[HeaderValue], tag: &HeaderValue) -> bool {
    let tags = lists
        .iter()
        .flat_map(|list| list.as_bytes().split(|byte| *byte == b','));
    tags.map(<[u8]>::trim_ascii)
        .any(|one| one == b"*" || opaque(one) == opaque(tag.as_bytes()))
}

fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_in_lists_of_every_form() {
        let tag = tag_of("{}").expect("a tag");
        let strong = tag.to_str().expect("text").trim_start_matches("W/");
        let names = |lists: &[&str]| {
            let lists = lists.iter().map(|list| HeaderValue::from_str(list));
            let lists: Result<Vec<_>, _> = lists.collect();
            names(&lists.expect("headers"), &tag)
        };
        for lists in [
            &["*"][..],
            &[strong],
            &[&format!("W/{strong}")],
            &[&format!("\"a\",W/\"b\" ,  {strong}")],
            &["\"a\"", strong],
        ] {
            assert!(names(lists), "{lists:?}");
        }
        for lists in [&[][..], &["\"a\""], &[""], &[&strong[1..]]] {
            assert!(!names(lists), "{lists:?}");
        }
    }

    #[test]
    fn another_text_has_another_tag() {
        assert_eq!(tag_of("{}"), tag_of("{}"));
        assert_ne!(tag_of("{}"), tag_of("[]"));
        assert_ne!(tag_of(""), tag_of("\0"));
    }
}
