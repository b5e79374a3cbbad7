//! What handlers answer, and how it is put into the envelope of the caller's version.
//!
//! A handler knows the newest shape alone: its [`Data`] says which shape it is. [`render`], at the
//! outermost, brings it down to the version of the request and writes the envelope around it.

use std::{borrow::Cow, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use waybill_model::split_legacy;
use waybill_versions::{Code, Model, Problem, Version, lower};

use crate::fields::Fields;

/// About what stands around an answer, in bytes.
const ENVELOPE: usize = 256;
/// As many headers as an answer has, so that their map does not grow while they are put in.
const HEADERS: usize = 12;

/// What a handler answers.
pub(crate) type Answer = Result<Data, Refused>;

/// A success.
#[derive(Clone)]
pub(crate) struct Data {
    status: StatusCode,
    shape: Shape,
}

/// JSON of the newest version.
#[derive(Clone)]
enum Shape {
    /// The same in every version.
    Plain(String),
    /// An object of a shape that versions change.
    One(Model, String, Option<Arc<Fields>>),
    /// A page of trackings, with what is said beside them and what only old versions say there.
    Trackings(Box<Page>),
}

/// A page of trackings.
#[derive(Clone)]
pub(crate) struct Page {
    /// The object beside them, in the newest shape.
    pub head: Value,
    /// What only old versions say there.
    pub legacy: Value,
    /// The trackings.
    pub trackings: Vec<String>,
    /// Only these fields of each.
    pub fields: Option<Arc<Fields>>,
}

impl Data {
    /// 200.
    pub fn ok(json: impl Into<Json>) -> Self {
        Self {
            status: StatusCode::OK,
            shape: Shape::Plain(json.into().0),
        }
    }

    /// 201.
    pub fn created(json: impl Into<Json>) -> Self {
        Self {
            status: StatusCode::CREATED,
            ..Self::ok(json)
        }
    }

    /// A page of trackings.
    pub fn trackings(page: Page) -> Self {
        Self {
            status: StatusCode::OK,
            shape: Shape::Trackings(Box::new(page)),
        }
    }

    /// Says which shape of the newest version this is, so that older versions get theirs.
    pub fn of(mut self, model: Model) -> Self {
        if let Shape::Plain(json) = self.shape {
            self.shape = Shape::One(model, json, None);
        }
        self
    }

    /// Only these fields of it, by their names in the caller's version.
    pub fn narrowed(mut self, only: Option<Fields>) -> Self {
        if let Shape::One(_, _, fields) = &mut self.shape {
            *fields = only.map(Arc::new);
        }
        self
    }
}

/// JSON text.
pub(crate) struct Json(String);

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(value.to_string())
    }
}

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct Refused(pub Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self(Problem::new(code))
    }
}

/// An answer on its way to [`render`].
#[derive(Clone)]
enum Unrendered {
    Data(Data),
    Refused(Refused),
    Text(String),
}

impl IntoResponse for Data {
    fn into_response(self) -> Response {
        unrendered(self.status, Unrendered::Data(self))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.entry().http_status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after_seconds;
        let mut response = unrendered(status, Unrendered::Refused(self));
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An answer whose text is there already.
pub(crate) fn rendered(status: StatusCode, text: String) -> Response {
    unrendered(status, Unrendered::Text(text))
}

/// The text of an answer in the shape and envelope of a version; `None` of what is no answer of a
/// handler. `body` is what the request said, for versions that repeat it in errors.
pub(crate) fn render(
    response: &mut Response,
    version: Version,
    body: Option<&Value>,
) -> Option<String> {
    let text = match response.extensions_mut().remove::<Unrendered>()? {
        Unrendered::Text(text) => text,
        Unrendered::Refused(refused) => failure(&refused.0, version, body),
        Unrendered::Data(data) => success(data, version).unwrap_or_else(|problem| {
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            failure(&problem, version, body)
        }),
    };
    Some(text)
}

fn success(data: Data, version: Version) -> Result<String, Problem> {
    let mut head = format!(r#"{{"meta":{{"code":{}}},"data":"#, data.status.as_str());
    let (mut text, tail) = match data.shape {
        Shape::Trackings(page) => {
            push_page(&mut head, version, *page)?;
            return Ok(head);
        }
        Shape::Plain(json) => (newest(json), "}"),
        Shape::One(model, json, fields) => {
            let wrapper = wrapper(model).filter(|_| version.wraps());
            if let Some(name) = wrapper {
                head = format!(r#"{head}{{"{name}":"#);
            }
            let tail = if wrapper.is_some() { "}}" } else { "}" };
            (shown(version, model, json, fields.as_deref())?, tail)
        }
    };
    // What is there has mostly room for what is around it, and need not be copied.
    text.insert_str(0, &head);
    text.push_str(tail);
    Ok(text)
}

fn push_page(text: &mut String, version: Version, page: Page) -> Result<(), Problem> {
    let (head, legacy) = (page.head.to_string(), page.legacy.to_string());
    let head = lower(version, Model::TrackingsHead, &head, Some(&legacy))?;
    let size: usize = page.trackings.iter().map(|one| one.len() + 1).sum();
    text.reserve(head.len() + size + ENVELOPE);
    text.push_str(head.strip_suffix('}').unwrap_or_default());
    text.push_str(",\"trackings\":[");
    let fields = page.fields.as_deref();
    for (at, tracking) in page.trackings.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&shown(version, Model::Tracking, tracking, fields)?);
    }
    text.push_str("]}}");
    Ok(())
}

/// What stands around an answer of this shape, up to 2024-04.
fn wrapper(model: Model) -> Option<&'static str> {
    match model {
        Model::Tracking | Model::Deleted | Model::Retracked => Some("tracking"),
        Model::Notification => Some("notification"),
        _ => None,
    }
}

/// An object as this version has it.
fn shown(
    version: Version,
    model: Model,
    json: String,
    fields: Option<&Fields>,
) -> Result<String, Problem> {
    let (before, legacy) = split_legacy(&json);
    let lowered = match lower(version, model, before, legacy)? {
        Cow::Borrowed(_) => None,
        Cow::Owned(lowered) => Some(lowered),
    };
    let shown = lowered.unwrap_or_else(|| newest(json));
    match fields {
        Some(fields) => fields.only(&shown),
        None => Ok(shown),
    }
}

/// Without what only old versions can say.
fn newest(mut json: String) -> String {
    json.truncate(split_legacy(&json).0.len());
    json
}

fn failure(problem: &Problem, version: Version, body: Option<&Value>) -> String {
    let problem = problem.in_version(version);
    let entry = problem.code.entry();
    let (code, kind) = (entry.meta_code, entry.kind.as_str());
    let message = Value::from(problem.message);
    let echoes = version.echoes_errors();
    let errors = if echoes { "" } else { r#","errors":[]"# };
    let echo = body.filter(|_| echoes).cloned();
    let data = problem.data.or(echo).unwrap_or_else(|| json!({}));
    // In the order of the documentation, which is read by people.
    format!(
        r#"{{"meta":{{"code":{code},"message":{message},"type":"{kind}"{errors}}},"data":{data}}}"#
    )
}

fn unrendered(status: StatusCode, answer: Unrendered) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response.headers_mut().reserve(HEADERS);
    response.extensions_mut().insert(answer);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(mut response: Response, version: Version) -> String {
        render(&mut response, version, Some(&json!({"tracking": {}}))).expect("an answer")
    }

    #[test]
    fn text_is_wrapped_as_it_is() {
        let response = Data::created(r#"{"a": 1}"#.to_owned()).into_response();
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(
            text(response, Version::NEWEST),
            r#"{"meta":{"code":201},"data":{"a": 1}}"#
        );
    }

    #[test]
    fn every_problem_has_the_whole_envelope() {
        for code in Code::ALL {
            let response = Refused::from(*code).into_response();
            assert_eq!(response.status().as_u16(), code.entry().http_status);
            let newest = text(response, Version::NEWEST);
            let body: Value = serde_json::from_str(&newest).expect("JSON");
            assert_eq!(body["meta"]["code"], code.entry().meta_code);
            assert_eq!(body["meta"]["type"], code.entry().kind.as_str());
            assert_eq!(body["meta"]["errors"], json!([]));
            assert_eq!(body["data"], json!({}));
            let old = text(Refused::from(*code).into_response(), Version::V4);
            let body: Value = serde_json::from_str(&old).expect("JSON");
            assert_eq!(body["meta"].get("errors"), None);
            assert_eq!(body["data"], json!({"tracking": {}}));
        }
        let response = Refused::from(Problem::unavailable()).into_response();
        assert_eq!(response.headers()["retry-after"], "1");
    }
}
