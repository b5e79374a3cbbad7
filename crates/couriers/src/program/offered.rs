//! What a courier's jq program may call: a table, so that nothing is offered by accident.
//!
//! Everything here ends on every input, does no IO, reads no clock and no environment. Left out on
//! purpose: `recurse(f)`, `repeat`, `while`, `until`, `combinations`, `transpose`, `input`, `inputs`,
//! `now`, `env`, `localtime`, `debug`, `stderr`, `halt` and the functions of mathematics whose
//! running time grows with a number.

/// What a filter's work grows with, so what is looked at before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// With nothing, or with what its arguments make, which is metered there.
    Free,
    /// With the length of its input.
    Length,
    /// With the length of its input, for each part of which its argument runs.
    Each,
    /// With everything inside its input.
    Weigh,
    /// With everything inside its input, for each part of which its argument runs.
    WeighEach,
    /// Faster than its input: only small inputs.
    Modest,
    /// Only small inputs; the first argument is a pattern.
    Pattern,
}

use Guard::{Each, Free, Length, Modest, Pattern, Weigh, WeighEach};

/// Filters a program may call, as `name/arity`, by what their work grows with. A name in capitals is
/// one whose arguments are values that it looks through, so that those are weighed as well; the
/// arguments of the others are filters that it runs, or names and numbers.
const OFFERED: [(Guard, &str); 11] = [
    (
        Free,
        "empty/0 error/1 true/0 false/0 null/0 not/0 select/1 values/0 nulls/0 booleans/0 numbers/0 \
         strings/0 arrays/0 objects/0 iterables/0 scalars/0 type/0 list/0 form/0 add/1 any/2 all/2 \
         isempty/1 first/0 first/1 last/0 last/1 nth/1 nth/2 limit/2 skip/2 range/1 range/2 range/3 \
         floor/0 ceil/0 round/0 abs/0 isnan/0 isinfinite/0",
    ),
    (
        Length,
        "length/0 utf8bytelength/0 keys/0 keys_unsorted/0 to_entries/0 from_entries/0 reverse/0 any/0 \
         all/0 ascii_downcase/0 ascii_upcase/0 trim/0 ltrim/0 rtrim/0 explode/0",
    ),
    (
        Length,
        "HAS/1 IN/1 CONTAINS/1 STARTSWITH/1 ENDSWITH/1 LTRIMSTR/1 RTRIMSTR/1 SPLIT/1",
    ),
    (Each, "map/1 map_values/1 any/1 all/1 with_entries/1"),
    (
        Weigh,
        "error/0 add/0 sort/0 unique/0 min/0 max/0 flatten/0 paths/0 path/1 del/1 tostring/0 tojson/0 \
         fromjson/0 @text/0 @json/0 @uri/0 @urid/0 @html/0 @htmld/0 @base64/0 @base64d/0",
    ),
    (
        Weigh,
        "FLATTEN/1 GETPATH/1 SETPATH/2 DELPATHS/1 JOIN/1 HASH/2 HMAC/3",
    ),
    (WeighEach, "walk/1 paths/1 pick/1"),
    (
        WeighEach,
        "SORT_BY/1 GROUP_BY/1 UNIQUE_BY/1 MIN_BY/1 MAX_BY/1",
    ),
    (
        Modest,
        "tonumber/0 toboolean/0 fromdate/0 todate/0 fromdateiso8601/0 todateiso8601/0 mktime/0 implode/0",
    ),
    (Modest, "INDEX/1 RINDEX/1 INDICES/1 STRPTIME/1 STRFTIME/1"),
    (
        Pattern,
        "TEST/1 TEST/2 MATCH/1 MATCH/2 CAPTURE/1 CAPTURE/2 SCAN/1 SCAN/2 SPLIT/2 SPLITS/1 SPLITS/2 \
         SUB/2 SUB/3 GSUB/2 GSUB/3",
    ),
];

/// Filters that give several values of one by themselves, each of which costs.
const SEVERAL: [&str; 6] = ["match", "capture", "scan", "splits", "paths", "path"];

/// How calls of an offered filter are metered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// What is looked at before it runs.
    pub guard: Guard,
    /// Its arguments are weighed.
    pub weighs_arguments: bool,
    /// Each of its values costs.
    pub several: bool,
}

/// The terms of an offered filter, `None` for one that is not offered.
pub(super) fn terms(name: &str, arity: usize) -> Option<Terms> {
    OFFERED.iter().find_map(|(guard, names)| {
        let word = names.split_ascii_whitespace().find(|entry| {
            entry.rsplit_once('/').is_some_and(|(offered, count)| {
                offered.eq_ignore_ascii_case(name) && count.parse() == Ok(arity)
            })
        })?;
        // Names are in small letters alone; `Map` is no filter.
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        Some(Terms {
            guard: *guard,
            weighs_arguments: word.starts_with(|it: char| it.is_ascii_uppercase()),
            several: SEVERAL.contains(&name),
        })
    })
}
