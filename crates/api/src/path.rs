//! The id in a path.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::answer::Refused;

/// What stands for no id, when a path cannot be decoded: no form of id has this character, so the
/// service refuses it as it refuses every other bad id.
const NO_ID: &str = "\u{fffd}";

/// The id in a path, decoded and not yet judged.
pub(crate) struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map_or_else(|_| NO_ID.to_owned(), |Path(id)| id)))
    }
}
