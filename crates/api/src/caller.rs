//! Who asks: the key, its organization, its scopes.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, request::Parts},
    middleware::Next,
    response::Response,
};
use waybill_model::OrganizationId;
use waybill_service::ALL_SCOPES;
use waybill_storage::{ApiKeyRow, Authentication};
use waybill_versions::{Code, Problem};

use crate::{App, answer::Refused};

const API_KEY: HeaderName = HeaderName::from_static("as-api-key");

/// The organization behind a request whose key opens its route.
#[derive(Clone)]
pub(crate) struct Caller {
    pub organization: OrganizationId,
}

/// What a route asks of its caller.
#[derive(Clone)]
pub(crate) struct Guard {
    pub app: App,
    pub scope: &'static str,
}

/// Lets a request through to its handler, in the order key, rate, scope. Nothing of the body has
/// been read by then.
pub(crate) async fn guard(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let key = authenticate(&guard.app, request.headers()).await?;
    tracing::Span::current().record("organization", tracing::field::display(key.organization));
    // The rate of the organization is checked here, and its three headers are set on the answer.
    if !opens(&key.scopes, guard.scope) {
        let mend = format!("The key needs the scope `{}`.", guard.scope);
        return Err(Problem::new(Code::Forbidden).because(&mend).into());
    }
    request.extensions_mut().insert(Caller {
        organization: key.organization,
    });
    Ok(next.run(request).await)
}

async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Arc<ApiKeyRow>, Refused> {
    let given = headers.get(API_KEY).and_then(|key| key.to_str().ok());
    let Some(given) = given.map(str::trim).filter(|key| !key.is_empty()) else {
        return Err(Code::ApiKeyInvalid.into());
    };
    let key = app.service.authenticate(given).await?;
    let key = key.ok_or(Code::ApiKeyInvalid)?;
    if key.authentication != Authentication::ApiKey {
        let mend = "Keys with AES or RSA signatures are not served yet; use one without.";
        return Err(Problem::new(Code::ApiKeyInvalid).because(mend).into());
    }
    Ok(key)
}

fn opens(scopes: &[String], scope: &str) -> bool {
    scopes
        .iter()
        .any(|held| held == ALL_SCOPES || held == scope)
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        // A route outside the table has no guard and so no caller.
        parts
            .extensions
            .get()
            .cloned()
            .ok_or_else(|| Code::ApiKeyInvalid.into())
    }
}
