//! The first organization and its key.

use waybill_service::{NewKey, Service};
use waybill_storage::{Authentication, OrganizationRow};

use crate::failure::Failure;

/// The organization made at the first start.
pub const DEFAULT_ORGANIZATION: &str = "default";
const KEY_VARIABLE: &str = "WAYBILL_BOOTSTRAP_API_KEY";
const ADMIN_VARIABLE: &str = "WAYBILL_BOOTSTRAP_ADMIN";

/// Makes the organization `default` with one key while there is none. The key is the operator's
/// (environment) or a new one, printed once on stderr.
pub async fn run(service: &Service) -> Result<(), Failure> {
    let given = std::env::var(KEY_VARIABLE)
        .ok()
        .filter(|key| !key.is_empty());
    if std::env::var(ADMIN_VARIABLE).is_ok_and(|admin| !admin.is_empty()) {
        tracing::warn!(
            "{ADMIN_VARIABLE} has no effect: this version has no dashboard to sign in to"
        );
    }
    if !service.organizations().await?.is_empty() {
        if given.is_some() {
            tracing::warn!("{KEY_VARIABLE} has no effect: there are organizations already");
        }
        return Ok(());
    }
    let made = first_organization(service, given.clone()).await?;
    if let (None, Some((_, key))) = (given, made) {
        eprintln!("API key of the organization `{DEFAULT_ORGANIZATION}` (shown this once): {key}");
    }
    Ok(())
}

/// Makes the organization `default` with one key of all scopes; `None` if it exists.
pub async fn first_organization(
    service: &Service,
    key: Option<String>,
) -> Result<Option<(OrganizationRow, String)>, Failure> {
    let new = NewKey {
        name: "first key".to_owned(),
        authentication: Authentication::ApiKey,
        public_key: None,
        scopes: Vec::new(),
        key,
    };
    let made = service
        .create_organization_with_key(DEFAULT_ORGANIZATION, new)
        .await?;
    Ok(made.map(|(organization, issued)| (organization, issued.key)))
}
