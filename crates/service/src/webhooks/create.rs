//! A webhook is made.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use waybill_model::{OrganizationId, WebhookId};
use waybill_storage::{Put, WebhookRow, WriteSet};
use waybill_versions::{Code, CreateWebhook, Oauth, Problem};

use super::document::{WebhookDocument, WebhookOauth};
use crate::{Service, once::kept, unavailable};

/// Webhooks of one organization.
const WEBHOOKS_LIMIT: usize = 10;

impl Service {
    /// Makes a webhook and sends it a sample; the answer alone shows the secret.
    pub async fn create_webhook(
        &self,
        organization: OrganizationId,
        request: CreateWebhook,
    ) -> Result<Value, Problem> {
        if let Some(made) = kept() {
            return Ok(made);
        }
        let existing = self
            .0
            .storage
            .webhooks(organization)
            .await
            .map_err(unavailable)?;
        if existing.len() >= WEBHOOKS_LIMIT {
            return Err(Problem::new(Code::BadRequest).because(&format!(
                "An organization has at most {WEBHOOKS_LIMIT} webhooks; delete one first."
            )));
        }
        let now = self.now();
        let secret = request.secret.clone().unwrap_or_else(|| self.new_secret());
        let document = WebhookDocument {
            url: request.url,
            events: request.events,
            version: request.version,
            headers: request.headers,
            oauth: request
                .oauth
                .map(|oauth| self.sealed_oauth(oauth))
                .transpose()?,
            secret: self.sealed(&secret)?,
            previous_secret: None,
            verified: false,
            paused: false,
            created_at: now,
            updated_at: now,
        };
        let row = WebhookRow {
            organization,
            id: WebhookId::from_uuid(self.0.identities.at(now)),
            revision: 0,
            document: document.text(),
            last_success_at: None,
            failing_since: None,
        };
        let shown = Self::shown(&row, &document, Some(&secret));
        let (row, document, shown) = (&row, &document, &shown);
        self.decide_once(
            async || {
                let put = Put::Webhook(Box::new(row.clone()));
                let mut set = WriteSet::new(organization).put(put);
                self.add_sample(&mut set, row.id, document, now);
                Ok((set, shown.clone()))
            },
            |_| None,
        )
        .await
    }

    /// `whsec_` and 32 random bytes: the form the Standard Webhooks libraries read.
    pub(super) fn new_secret(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0.identities.bytes::<32>()))
    }

    pub(super) fn sealed(&self, secret: &str) -> Result<String, Problem> {
        self.0
            .master_key
            .seal(&self.0.identities, secret)
            .ok_or_else(|| Problem::new(Code::InternalError))
    }

    pub(super) fn sealed_oauth(&self, oauth: Oauth) -> Result<WebhookOauth, Problem> {
        Ok(WebhookOauth {
            token_url: oauth.token_url,
            client_id: oauth.client_id,
            client_secret: self.sealed(&oauth.client_secret)?,
            scope: oauth.scope,
            credentials: oauth.credentials,
        })
    }
}
