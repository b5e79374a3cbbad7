//! News that a courier sends by itself.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use waybill_couriers::{Credentials, HttpAnswer, Outcome, PushFault, Reading};
use waybill_model::{CourierSlug, OrganizationId};
use waybill_storage::{NameQuery, PollOutcome};
use waybill_versions::{Code, Problem};

use crate::{CadenceFacts, PollJob, PollReport, Service, unavailable};

/// A courier that sends its news is asked no earlier than this after it sent some.
const PUSH_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// Between the parts of what a token seals.
const BETWEEN: char = '\n';

/// The operator's credentials, by courier.
pub type CourierCredentials = BTreeMap<String, Credentials>;

impl Service {
    /// The last part of the address to which a courier sends its news for an organization. It names
    /// both under the master key, so nothing of it is kept.
    pub fn push_token(
        &self,
        organization: OrganizationId,
        slug: &CourierSlug,
    ) -> Result<String, Problem> {
        let text = format!("{organization}{BETWEEN}{slug}");
        let sealed = self.0.master_key.seal(&self.0.identities, &text);
        let sealed = sealed.ok_or_else(Problem::internal)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Takes in a courier's message; answers what the courier wants to read.
    ///
    /// 404: there is no such address. 401: the courier did not send it. 400: it cannot be read. Numbers that
    /// nobody follows are passed over.
    pub async fn take_push(
        &self,
        slug: &str,
        token: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<String, Problem> {
        let nowhere = || Problem::new(Code::NotFound);
        let organization = self.pushed_to(slug, token).ok_or_else(nowhere)?;
        let couriers = self.couriers();
        let courier = couriers.get(slug).ok_or_else(nowhere)?;
        let push = courier.definition.push.as_ref().ok_or_else(nowhere)?;
        let message = HttpAnswer {
            status: 200,
            headers,
            body,
        };
        let own = self
            .account_for(organization, courier.slug(), None)
            .await?
            .ok()
            .flatten();
        let none = Credentials::new();
        let operators = self.0.courier_credentials.get(slug).unwrap_or(&none);
        let credentials = own.as_ref().map_or(operators, |own| &own.credentials);
        let told = courier
            .read_push(&message, credentials)
            .map_err(|fault| match fault {
                PushFault::NoPush => nowhere(),
                PushFault::Forged | PushFault::MissingCredential(_) => {
                    Problem::new(Code::ApiKeyInvalid).because(&format!("{fault}."))
                }
                PushFault::Unreadable(_) => {
                    Problem::new(Code::BadRequest).because(&format!("{fault}."))
                }
            })?;
        for told in told {
            if let (Some(number), Outcome::Reading(reading)) = (told.number, told.outcome) {
                self.take_pushed(organization, courier.slug(), &number, reading)
                    .await?;
            }
        }
        Ok(push.answer.clone())
    }

    /// Whose address it is, if the token is one of ours for this courier.
    fn pushed_to(&self, slug: &str, token: &str) -> Option<OrganizationId> {
        let sealed = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let text = self.0.master_key.open(&sealed)?;
        let (organization, own) = text.split_once(BETWEEN)?;
        (own == slug).then_some(())?;
        OrganizationId::parse(organization)
    }

    async fn take_pushed(
        &self,
        organization: OrganizationId,
        slug: &CourierSlug,
        number: &str,
        reading: Reading,
    ) -> Result<(), Problem> {
        let query = NameQuery::Number {
            number: number.to_ascii_uppercase(),
            slug: Some(slug.to_string()),
            discriminator: None,
        };
        let storage = &self.0.storage;
        let named = storage
            .trackings_named(organization, &query)
            .await
            .map_err(unavailable)?;
        let now = self.now();
        let report = PollReport {
            at: now,
            outcome: PollOutcome::Ok,
            reason: "sent by the courier".to_owned(),
            http_status: None,
            latency_ms: 0,
            excerpt: None,
            next_check_at: reading.next_check_at,
            reading: Some(reading),
        };
        let later = |facts: &CadenceFacts<'_>| facts.journey.active.then_some(now + PUSH_LASTS);
        for named in named {
            let job = PollJob::new(named.tracking, 0);
            self.ingest_poll(organization, &job, slug, &report, None, later)
                .await?;
        }
        Ok(())
    }
}
