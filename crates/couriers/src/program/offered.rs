//! What a courier's jq program may call: a list, so that nothing is offered by accident.
//!
//! Everything here ends on every input, does no IO, reads no clock and no environment. Left out on
//! purpose: `recurse(f)`, `repeat`, `while`, `until`, `combinations`, `transpose`, `input`, `inputs`,
//! `now`, `env`, `localtime`, `debug`, `stderr`, `halt` and the functions of mathematics whose
//! running time grows with a number.

/// Filters a program may call, as `name/arity`.
const OFFERED: &str = "\
    empty/0 error/0 error/1 true/0 false/0 null/0 not/0 select/1 values/0 nulls/0 booleans/0 numbers/0 \
    strings/0 list/0 arrays/0 objects/0 iterables/0 scalars/0 type/0 \
    map/1 map_values/1 add/0 add/1 any/0 any/1 any/2 all/0 all/1 all/2 isempty/1 first/0 first/1 last/0 last/1 \
    nth/1 nth/2 limit/2 skip/2 range/1 range/2 range/3 length/0 utf8bytelength/0 has/1 in/1 contains/1 \
    keys/0 keys_unsorted/0 to_entries/0 from_entries/0 with_entries/1 \
    sort/0 sort_by/1 group_by/1 unique/0 unique_by/1 min/0 min_by/1 max/0 max_by/1 reverse/0 flatten/0 flatten/1 \
    del/1 path/1 paths/0 paths/1 getpath/1 setpath/2 delpaths/1 pick/1 walk/1 \
    tostring/0 tonumber/0 toboolean/0 tojson/0 fromjson/0 ascii_downcase/0 ascii_upcase/0 \
    startswith/1 endswith/1 ltrimstr/1 rtrimstr/1 trim/0 ltrim/0 rtrim/0 split/1 join/1 explode/0 implode/0 \
    index/1 rindex/1 indices/1 \
    test/1 test/2 match/1 match/2 capture/1 capture/2 scan/1 scan/2 split/2 splits/1 splits/2 \
    sub/2 sub/3 gsub/2 gsub/3 \
    floor/0 ceil/0 round/0 abs/0 isnan/0 isinfinite/0 \
    fromdate/0 todate/0 fromdateiso8601/0 todateiso8601/0 strptime/1 strftime/1 mktime/0 \
    hash/2 hmac/3 form/0 \
    @text/0 @json/0 @uri/0 @urid/0 @html/0 @htmld/0 @base64/0 @base64d/0";

/// Filters whose first argument is a regular expression.
const WITH_PATTERN: [&str; 8] = [
    "test", "match", "capture", "scan", "split", "splits", "sub", "gsub",
];

/// Filters whose time grows faster than their input, so that the input is kept small.
const MODEST: [&str; 11] = [
    "index",
    "rindex",
    "indices",
    "tonumber",
    "toboolean",
    "fromdate",
    "todate",
    "strptime",
    "strftime",
    "mktime",
    "implode",
];

/// How the input and the arguments of a filter are guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// Its work is proportional to what goes in.
    Weigh,
    /// Only small inputs.
    Modest,
    /// Only small inputs; the first argument is a pattern.
    Pattern,
}

/// The guard of an offered filter, `None` for one that is not offered.
pub(super) fn guard(name: &str, arity: usize) -> Option<Guard> {
    let offered = OFFERED
        .split_ascii_whitespace()
        .filter_map(|entry| entry.rsplit_once('/'))
        .any(|(offered, count)| offered == name && count.parse() == Ok(arity));
    if !offered {
        return None;
    }
    // `split/1` takes a plain separator.
    if WITH_PATTERN.contains(&name) && (name, arity) != ("split", 1) {
        return Some(Guard::Pattern);
    }
    if MODEST.contains(&name) {
        return Some(Guard::Modest);
    }
    Some(Guard::Weigh)
}
