//! Who asks: the key, its organization, its scopes.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, Method, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use waybill_model::OrganizationId;
use waybill_service::opens;
use waybill_storage::{ApiKeyRow, Authentication};
use waybill_versions::{Code, Problem, Version, Versions};

use crate::{
    App,
    answer::Refused,
    body::{self, BodyLimit},
    front::{Asked, sent_target},
    once::{self, once},
    rates::Endpoint,
    signature::{DATE_WINDOW, HMAC_HEADER, RSA_HEADER, Signed},
};

const API_KEY: HeaderName = HeaderName::from_static("as-api-key");
/// The name that v4 takes, too.
const API_KEY_V4: HeaderName = HeaderName::from_static("aftership-api-key");

/// The organization behind a request whose key opens its route.
#[derive(Clone)]
pub(crate) struct Caller {
    pub organization: OrganizationId,
    /// The key.
    pub key: Arc<ApiKeyRow>,
}

/// What a route asks of its caller.
pub(crate) struct Guard {
    pub app: App,
    pub scope: &'static str,
    /// The versions that have the route; `None` for routes without versions.
    pub versions: Option<Versions>,
    pub endpoint: Endpoint,
    pub body_limit: BodyLimit,
    /// The limit of versions that have one for all endpoints.
    pub shared: Endpoint,
}

/// Lets a request through to its handler, in the order key, rate, scope. Nothing of the body has
/// been read by then.
pub(crate) async fn guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let asked = request.extensions().get::<Asked>().map(|asked| asked.0);
    let endpoint = if asked.is_some_and(Version::shares_limit) {
        guard.shared
    } else {
        guard.endpoint
    };
    let answered = guarded(&guard, (asked, endpoint), request, next).await;
    answered.unwrap_or_else(|refused| {
        let mut response = refused.into_response();
        let app = &guard.app;
        let rate = app.rates.untouched(endpoint, app.service.now());
        rate.show(response.headers_mut());
        response
    })
}

async fn guarded(
    guard: &Guard,
    (asked, endpoint): (Option<Version>, Endpoint),
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let has_route = match (guard.versions, asked) {
        (Some(versions), Some(version)) => versions.contains(version),
        (versions, _) => versions.is_none(),
    };
    if !has_route {
        return Err(Code::NotFound.into());
    }
    let key = authenticate(&guard.app, request.headers(), asked).await?;
    if key.authentication != Authentication::ApiKey {
        request = Box::pin(proved(guard, &key, request)).await?;
    }
    tracing::Span::current().record("organization", tracing::field::display(key.organization));
    let now = guard.app.service.now();
    let rate = guard.app.rates.count(key.organization, endpoint, now);
    let mut response = if rate.exceeded {
        Refused::from(Code::TooManyRequests).into_response()
    } else if !opens(&key.scopes, guard.scope) {
        let mend = format!("The key needs the scope `{}`.", guard.scope);
        Refused::from(Problem::new(Code::Forbidden).because(&mend)).into_response()
    } else {
        let extensions = request.extensions_mut();
        if guard.body_limit != BodyLimit::default() {
            extensions.insert(guard.body_limit);
        }
        extensions.insert(Caller {
            organization: key.organization,
            key: key.clone(),
        });
        match once::key_of(&request) {
            None => next.run(request).await,
            // On the heap, as is `proved`: most requests should not carry their room about.
            Some(repeats) => Box::pin(once(guard, key.organization, repeats, request, next))
                .await
                .unwrap_or_else(IntoResponse::into_response),
        }
    };
    rate.show(response.headers_mut());
    Ok(response)
}

async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    version: Option<Version>,
) -> Result<Arc<ApiKeyRow>, Refused> {
    let legacy = version.is_some_and(Version::is_legacy);
    let given = headers
        .get(API_KEY)
        .or_else(|| headers.get(API_KEY_V4).filter(|_| legacy));
    let given = given.and_then(|key| key.to_str().ok());
    let Some(given) = given.map(str::trim).filter(|key| !key.is_empty()) else {
        return Err(Code::ApiKeyInvalid.into());
    };
    let key = app.service.authenticate(given).await?;
    Ok(key.ok_or(Code::ApiKeyInvalid)?)
}

/// Reads the whole body, since the signature is over it, and hands the request back if the signature
/// holds.
async fn proved(guard: &Guard, key: &ApiKeyRow, request: Request) -> Result<Request, Refused> {
    let app = &guard.app;
    let refused = |mend: &str| Refused::from(Problem::new(Code::ApiKeyInvalid).because(mend));
    let header = match key.authentication {
        Authentication::Rsa => RSA_HEADER,
        _ => HMAC_HEADER,
    };
    let signature = request.headers().get(header);
    let Some(signature) = signature.and_then(|value| value.to_str().ok()) else {
        let mend = format!("This key needs a signature of the request in the header `{header}`.");
        return Err(refused(&mend));
    };
    let (signature, proof) = (signature.to_owned(), app.service.proof_of(key));
    let (parts, body) = request.into_parts();
    let body = body::receive(body, guard.body_limit).await?;
    let signed = Signed {
        method: parts.method.as_str(),
        target: sent_target(&parts.uri, &parts.extensions),
        headers: &parts.headers,
        body: &body,
        lenient: app.options.lenient_signatures,
    };
    if !signed.is_timely(app.service.now()) {
        return Err(refused(
            "The request date is missing or outside the allowed window of 3 minutes; send the header `date` in \
             the form `Thu, 15 Jan 2026 10:30:00 GMT`.",
        ));
    }
    if !proof.is_some_and(|proof| proof.verifies(&signed.texts(), &signature)) {
        return Err(refused("The signature is invalid."));
    }
    // Reading again does no harm, and costs no commit.
    if app.options.replay_guard && parts.method != Method::GET {
        let first = app
            .service
            .first_use(key.organization, &signature, DATE_WINDOW * 2);
        if !first.await? {
            return Err(refused("The signature came before; sign the request anew."));
        }
    }
    Ok(Request::from_parts(parts, body.freeze().into()))
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
