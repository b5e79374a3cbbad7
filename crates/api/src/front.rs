//! What happens to a path before it is routed: the version is taken out of it, and the forms that
//! only old clients send are brought to the one form that routes know.

use axum::{
    extract::Request,
    http::{Extensions, HeaderValue, Uri, uri::PathAndQuery},
};
use waybill_versions::Version;

/// The version a request is answered in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked(pub Version);

/// The path and query as they were sent, where they were brought to another form.
#[derive(Debug, Clone)]
struct Sent(String);

impl Asked {
    /// The version's name as a header.
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.0.as_str())
    }
}

/// The path and query as they were sent: what a signature is over.
pub(crate) fn sent_target<'a>(uri: &'a Uri, extensions: &'a Extensions) -> &'a str {
    match extensions.get::<Sent>() {
        Some(Sent(sent)) => sent,
        None => uri.path_and_query().map_or("/", PathAndQuery::as_str),
    }
}

/// The path as it was sent.
pub(crate) fn sent_path<'a>(uri: &'a Uri, extensions: &'a Extensions) -> &'a str {
    let target = sent_target(uri, extensions);
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// Brings a request to the form that routes know, which is the newest version's, and says which
/// version it is of. Versions older than `oldest` are answered in it.
pub(crate) fn enter(request: &mut Request, oldest: Version) -> Option<Asked> {
    let (named, rest) = Version::of_path(request.uri().path())?;
    let asked = Asked(named.max(oldest));
    if named != Version::NEWEST {
        let inside = inside(asked.0, rest, request.uri().query());
        let sent = Sent(sent_target(request.uri(), request.extensions()).to_owned());
        if let Ok(inside) = inside.parse::<Uri>() {
            *request.uri_mut() = inside;
        }
        request.extensions_mut().insert(sent);
    }
    request.extensions_mut().insert(asked);
    Some(asked)
}

fn inside(version: Version, rest: &str, query: Option<&str>) -> String {
    // Clients up to 2023-10 glue a query to the path, `…/trackings/<id>&fields=title`.
    let glued = version.wraps().then(|| rest.split_once('&')).flatten();
    let (rest, glued) = glued.map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let query = [query, glued]
        .into_iter()
        .flatten()
        .filter(|query| !query.is_empty());
    let query = query.collect::<Vec<_>>().join("&");
    let mut path = Version::NEWEST.base_path() + &number_joined(version, rest);
    if !query.is_empty() {
        path.push('?');
        path.push_str(&query);
    }
    path
}

/// A tracking number may have slashes, and no client escapes them: what stands between the slug
/// and the verb is the number.
fn number_joined(version: Version, rest: &str) -> String {
    const OF_TRACKINGS: &[&str] = &["trackings", "last_checkpoint", "notifications"];
    const VERBS: &[&str] = &["retrack", "mark-as-completed", "add", "remove"];
    let parts: Vec<&str> = rest.trim_start_matches('/').split('/').collect();
    let [collection, slug, number @ ..] = parts.as_slice() else {
        return rest.to_owned();
    };
    let (number, verb) = match number {
        [number @ .., verb] if VERBS.contains(verb) => (number, Some(*verb)),
        number => (number, None),
    };
    if !version.reaches_by_number() || !OF_TRACKINGS.contains(collection) || number.len() < 2 {
        return rest.to_owned();
    }
    let mut joined = format!("/{collection}/{slug}/{}", number.join("%2F"));
    if let Some(verb) = verb {
        joined.push('/');
        joined.push_str(verb);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_in_the_form_that_routes_know() {
        for (version, rest, query, expected) in [
            (
                Version::NEWEST,
                "/trackings",
                None,
                "/tracking/2026-07/trackings",
            ),
            (
                Version::NEWEST,
                "/trackings",
                Some(""),
                "/tracking/2026-07/trackings",
            ),
            (
                Version::NEWEST,
                "/trackings",
                Some("a=%2C&b"),
                "/tracking/2026-07/trackings?a=%2C&b",
            ),
            (
                Version::V2023_10,
                "/trackings/7&fields=a%2Cb",
                None,
                "/tracking/2026-07/trackings/7?fields=a%2Cb",
            ),
            (
                Version::V4,
                "/trackings/7&fields=a",
                Some("lang=en"),
                "/tracking/2026-07/trackings/7?lang=en&fields=a",
            ),
            (
                Version::V2024_07,
                "/trackings/7&fields=a",
                None,
                "/tracking/2026-07/trackings/7&fields=a",
            ),
            (
                Version::V4,
                "/trackings/ups/AB/CD",
                None,
                "/tracking/2026-07/trackings/ups/AB%2FCD",
            ),
            (
                Version::V4,
                "/trackings/ups/A/B/retrack",
                None,
                "/tracking/2026-07/trackings/ups/A%2FB/retrack",
            ),
            (
                Version::V4,
                "/trackings/ups/AB/retrack",
                None,
                "/tracking/2026-07/trackings/ups/AB/retrack",
            ),
            (
                Version::V4,
                "/trackings/7/retrack",
                None,
                "/tracking/2026-07/trackings/7/retrack",
            ),
            (
                Version::V4,
                "/trackings/ups/AB",
                None,
                "/tracking/2026-07/trackings/ups/AB",
            ),
            (
                Version::NEWEST,
                "/trackings/ups/A/B",
                None,
                "/tracking/2026-07/trackings/ups/A/B",
            ),
            (Version::V4, "", None, "/tracking/2026-07"),
        ] {
            assert_eq!(inside(version, rest, query), expected);
        }
    }

    #[test]
    fn versions_too_old_are_answered_in_the_oldest_served() {
        let asked = |path: &str| {
            let request = Request::builder().uri(path).body(axum::body::Body::empty());
            let asked = enter(&mut request.expect("a request"), Version::V2025_01);
            asked.map(|asked| asked.0)
        };
        assert_eq!(asked("/v4/trackings"), Some(Version::V2025_01));
        assert_eq!(
            asked("/tracking/2026-01/trackings"),
            Some(Version::V2026_01)
        );
        assert_eq!(asked("/tracking/2025-10/trackings"), None);
        assert_eq!(asked("/waybill/v1/webhooks"), None);
    }
}
