//! Checkpoints given by the user.

use waybill_model::{Checkpoint, CheckpointEvent, CheckpointSource, CourierSlug, OrganizationId};
use waybill_storage::WriteSet;
use waybill_versions::{GivenCheckpoint, Problem};

use crate::{Service, told::unknown};

impl Service {
    /// Takes in checkpoints that the caller knows; ones that are known already (by their hash)
    /// change nothing.
    pub async fn add_checkpoints(
        &self,
        organization: OrganizationId,
        id: &str,
        checkpoints: Vec<GivenCheckpoint>,
    ) -> Result<String, Problem> {
        let checkpoints = &checkpoints;
        self.decide_once(
            async || {
                let now = self.now();
                let mut set = WriteSet::new(organization);
                let draft = self.meant(organization, id).await?;
                let given = checkpoints
                    .iter()
                    .map(|given| by_user(given, &draft.row.slug, now));
                let learned = unknown(&draft.record, given);
                let advanced = self.advance(&mut set, draft, learned, now);
                Ok((set, advanced.answer))
            },
            |_| None,
        )
        .await
    }
}

fn by_user(given: &GivenCheckpoint, slug: &CourierSlug, now: jiff::Timestamp) -> Checkpoint {
    let slug = given.slug.as_ref().unwrap_or(slug);
    let message = if given.message.is_empty() {
        given.sub_status.message().to_owned()
    } else {
        given.message.clone()
    };
    Checkpoint {
        hash: Checkpoint::hash_of(
            slug,
            None,
            &given.time.text,
            given.raw_tag.as_deref(),
            &message,
            given.location.as_deref(),
        ),
        slug: slug.clone(),
        piece: None,
        time: given.time.clone(),
        code: given.raw_tag.clone(),
        sub_status: given.sub_status,
        message,
        location: given.location.clone(),
        city: given.city.clone(),
        state: given.state.clone(),
        postal_code: given.postal_code.clone(),
        country: given.country,
        coordinate: given.coordinate,
        signed_by: None,
        events: given
            .events
            .iter()
            .map(|(code, reason)| CheckpointEvent {
                code: code.clone(),
                reason: reason.clone(),
            })
            .collect(),
        source: CheckpointSource::User,
        seen_at: now,
        withdrawn: false,
        missing_count: 0,
    }
}
