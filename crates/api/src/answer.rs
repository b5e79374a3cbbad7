//! The envelope around every answer.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use waybill_versions::{Code, Problem};

/// What a handler answers.
pub(crate) type Answer = Result<Data, Refused>;

/// A success: JSON text that goes under `data` as it is.
pub(crate) struct Data {
    status: StatusCode,
    json: String,
}

impl Data {
    /// 200.
    pub fn ok(json: impl Into<Json>) -> Self {
        Self {
            status: StatusCode::OK,
            json: json.into().0,
        }
    }

    /// 201.
    pub fn created(json: impl Into<Json>) -> Self {
        Self {
            status: StatusCode::CREATED,
            json: json.into().0,
        }
    }
}

/// JSON text.
pub(crate) struct Json(String);

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self(value.to_string())
    }
}

impl IntoResponse for Data {
    fn into_response(self) -> Response {
        let code = self.status.as_u16();
        let json = self.json;
        let mut body = String::with_capacity(json.len() + 40);
        body.push_str("{\"meta\":{\"code\":");
        body.push_str(&code.to_string());
        body.push_str("},\"data\":");
        body.push_str(&json);
        body.push('}');
        json_response(self.status, body)
    }
}

/// A refusal.
#[derive(Debug)]
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

/// What a refusal says of itself: `meta` of an answer, `error` of a row in a batch.
pub(crate) fn meta(problem: &Problem) -> serde_json::Value {
    let entry = problem.code.entry();
    json!({
        "code": entry.meta_code,
        "message": problem.message,
        "type": entry.kind.as_str(),
        "errors": [],
    })
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = self.0;
        let entry = problem.code.entry();
        let body = json!({
            "meta": meta(&problem),
            "data": problem.data.unwrap_or_else(|| json!({})),
        });
        let status =
            StatusCode::from_u16(entry.http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json_response(status, body.to_string());
        if let Some(seconds) = problem.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The answer to a path or method that there is not.
pub(crate) async fn not_found() -> Refused {
    Refused::from(Code::NotFound)
}

fn json_response(status: StatusCode, body: String) -> Response {
    (
        status,
        [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )],
        body,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("a body");
        String::from_utf8(bytes.to_vec()).expect("text")
    }

    #[tokio::test]
    async fn text_is_wrapped_as_it_is() {
        let response = Data::created(r#"{"a": 1}"#.to_owned()).into_response();
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(
            text(response).await,
            r#"{"meta":{"code":201},"data":{"a": 1}}"#
        );
    }

    #[tokio::test]
    async fn every_problem_has_the_whole_envelope() {
        for code in Code::ALL {
            let response = Refused::from(*code).into_response();
            assert_eq!(response.status().as_u16(), code.entry().http_status);
            let body: serde_json::Value =
                serde_json::from_str(&text(response).await).expect("JSON");
            assert_eq!(body["meta"]["code"], code.entry().meta_code);
            assert_eq!(body["meta"]["type"], code.entry().kind.as_str());
            assert_eq!(body["meta"]["errors"], json!([]));
            assert_eq!(body["data"], json!({}));
        }
        let response = Refused::from(Problem::unavailable()).into_response();
        assert_eq!(response.headers()["retry-after"], "1");
    }
}
