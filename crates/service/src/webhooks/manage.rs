//! Webhooks are read, changed, tested, stopped and deleted.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_model::{OrganizationId, WebhookId};
use waybill_storage::{Delete, Put, WebhookRow, WriteSet};
use waybill_versions::{Code, Problem, UpdateWebhook};

use super::document::WebhookDocument;
use crate::{DrainJob, Service, unavailable};

/// A rotated secret signs on beside the new one for this long.
const OLD_SECRET_SIGNS_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Service {
    /// All webhooks, oldest first, without their secrets.
    pub async fn webhooks(&self, organization: OrganizationId) -> Result<Vec<Value>, Problem> {
        let rows = self
            .0
            .storage
            .webhooks(organization)
            .await
            .map_err(unavailable)?;
        Ok(rows
            .iter()
            .filter_map(|row| Some(Self::shown(row, &WebhookDocument::read(row)?, None)))
            .collect())
    }

    /// One webhook.
    pub async fn webhook(&self, organization: OrganizationId, id: &str) -> Result<Value, Problem> {
        let (row, document) = self.webhook_row(organization, id).await?;
        Ok(Self::shown(&row, &document, None))
    }

    /// Changes what the patch names.
    pub async fn update_webhook(
        &self,
        organization: OrganizationId,
        id: &str,
        patch: UpdateWebhook,
    ) -> Result<Value, Problem> {
        let patch = &patch;
        self.change(organization, id, |document, _| {
            if let Some(url) = &patch.url
                && *url != document.url
            {
                document.url.clone_from(url);
                document.verified = false;
            }
            if let Some(events) = &patch.events {
                document.events.clone_from(events);
            }
            if let Some(version) = &patch.version {
                document.version.clone_from(version);
            }
            if let Some(headers) = &patch.headers {
                document.headers.clone_from(headers);
            }
            if let Some(oauth) = &patch.oauth {
                document.oauth = oauth
                    .clone()
                    .map(|oauth| self.sealed_oauth(oauth))
                    .transpose()?;
            }
            if let Some(secret) = &patch.secret {
                document.secret = self.sealed(secret)?;
            }
            Ok(None)
        })
        .await
    }

    /// A new secret, shown this once; the old one signs on for a day.
    pub async fn rotate_webhook_secret(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        let secret = self.new_secret();
        let secret = &secret;
        self.change(organization, id, |document, now| {
            let old = std::mem::replace(&mut document.secret, self.sealed(secret)?);
            document.previous_secret = Some((old, now + OLD_SECRET_SIGNS_FOR));
            Ok(Some(secret.clone()))
        })
        .await
    }

    /// Stops deliveries; the backlog waits.
    pub async fn pause_webhook(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        self.change(organization, id, |document, _| {
            document.paused = true;
            Ok(None)
        })
        .await
    }

    /// Starts deliveries again, the backlog first.
    pub async fn resume_webhook(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        self.change(organization, id, |document, _| {
            document.paused = false;
            Ok(None)
        })
        .await
    }

    /// Deletes a webhook with its backlog.
    pub async fn delete_webhook(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        let (row, document) = self.webhook_row(organization, id).await?;
        let mut set = WriteSet::new(organization);
        set.delete.push(Delete::Webhook(row.id));
        self.commit(set).await.map_err(unavailable)?;
        Ok(Self::shown(&row, &document, None))
    }

    /// Sends a sample now.
    pub async fn test_webhook(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        let (row, document) = self.webhook_row(organization, id).await?;
        let (row, document) = (&row, &document);
        self.decide_once(
            async || {
                let mut set = WriteSet::new(organization);
                let delivery = self.add_sample(&mut set, row.id, document, self.now());
                let ids = json!({ "webhook_id": row.id.to_string(), "delivery_id": delivery.to_string() });
                Ok((set, ids))
            },
            |_| None,
        )
        .await
    }

    async fn change(
        &self,
        organization: OrganizationId,
        id: &str,
        change: impl Fn(&mut WebhookDocument, Timestamp) -> Result<Option<String>, Problem>,
    ) -> Result<Value, Problem> {
        let change = &change;
        self.decide_once(
            async || {
                let now = self.now();
                let (mut row, mut document) = self.webhook_row(organization, id).await?;
                let was_paused = document.paused;
                let secret = change(&mut document, now)?;
                document.updated_at = now;
                row.document = document.text();
                let shown = Self::shown(&row, &document, secret.as_deref());
                let resumed = was_paused && !document.paused;
                let mut set = WriteSet::new(organization);
                if resumed {
                    let (webhook, before) = (row.id, None);
                    set.jobs
                        .push(DrainJob::Resumed { webhook, before }.due(now));
                }
                set.put.push(Put::Webhook(Box::new(row)));
                Ok((set, shown))
            },
            |_| None,
        )
        .await
    }

    async fn webhook_row(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<(WebhookRow, WebhookDocument), Problem> {
        let missing = || Problem::new(Code::NotFound).because("There is no webhook with this id.");
        let id = WebhookId::parse(id).ok_or_else(missing)?;
        let row = self
            .0
            .storage
            .webhook(organization, id)
            .await
            .map_err(unavailable)?
            .ok_or_else(missing)?;
        let document =
            WebhookDocument::read(&row).ok_or_else(|| Problem::new(Code::InternalError))?;
        Ok((row, document))
    }
}
