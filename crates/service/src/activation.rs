//! Which couriers an organization works with.
//!
//! Nobody has to activate anything: without a word all couriers are active. Once couriers are
//! activated, only they are, and those the organization has a connection to; detection keeps to
//! them and prefers those named first, and every other courier is still followed where its slug is given.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use waybill_model::{CourierSlug, OrganizationId};
use waybill_storage::{Put, ResourceKind, ResourceRow, WriteSet};
use waybill_versions::{ActivateCouriers, Problem};

use crate::{
    Service,
    resources::{Resource, text},
    trackings::unknown_slug,
    unavailable,
};

const KIND: ResourceKind = ResourceKind::CourierActivation;

#[derive(Default, Serialize, Deserialize)]
struct Document {
    couriers: Vec<String>,
}

/// The active couriers of an organization; by default all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveCouriers {
    /// None where all are.
    active: Option<BTreeSet<String>>,
    preferred: Vec<CourierSlug>,
}

impl ActiveCouriers {
    /// Whether this one is.
    pub fn has(&self, slug: &str) -> bool {
        let active = self.active.as_ref();
        active.is_none_or(|active| active.contains(slug))
    }

    /// Those that were activated, in the order in which they were named; none where all are active.
    pub fn preferred(&self) -> &[CourierSlug] {
        &self.preferred
    }
}

impl Service {
    /// The couriers that are active.
    pub async fn active_couriers(
        &self,
        organization: OrganizationId,
    ) -> Result<ActiveCouriers, Problem> {
        let activation = self.activation(organization).await?;
        let chosen = activation.map(|activation| activation.document.couriers);
        let Some(chosen) = chosen.filter(|chosen| !chosen.is_empty()) else {
            return Ok(ActiveCouriers::default());
        };
        let kind = ResourceKind::CourierConnection;
        let connections = self.0.storage.resources(organization, kind, None).await;
        let connected = connections.map_err(unavailable)?.into_iter();
        let slugs = chosen.iter();
        let preferred = slugs.filter_map(|slug| CourierSlug::parse(slug)).collect();
        let active = chosen.into_iter().chain(connected.map(|row| row.name));
        Ok(ActiveCouriers {
            active: Some(active.collect()),
            preferred,
        })
    }

    /// The couriers that were activated; none: all are active.
    pub async fn activated_couriers(&self, organization: OrganizationId) -> Result<Value, Problem> {
        let activation = self.activation(organization).await?;
        let couriers = activation.map(|activation| activation.document.couriers);
        Ok(json!({ "couriers": couriers.unwrap_or_default() }))
    }

    /// Activates these couriers in place of those before; none activates all.
    pub async fn activate_couriers(
        &self,
        organization: OrganizationId,
        request: ActivateCouriers,
    ) -> Result<Value, Problem> {
        let couriers = self.couriers();
        let unknown = |slug: &&String| couriers.get(slug).is_none();
        if let Some(at) = request.couriers.iter().position(|slug| unknown(&slug)) {
            let problem = unknown_slug(&request.couriers[at]);
            return Err(problem);
        }
        let document = &Document {
            couriers: request.couriers,
        };
        self.decide(
            async || {
                let old = self.activation(organization).await?;
                let row = ResourceRow {
                    organization,
                    kind: KIND,
                    id: ResourceRow::ONLY,
                    revision: old.map_or(0, |old| old.row.revision),
                    name: String::new(),
                    document: text(document),
                };
                let set = WriteSet::new(organization).put(Put::Resource(Box::new(row)));
                Ok((set, json!({ "couriers": document.couriers })))
            },
            |_| None,
        )
        .await
    }

    async fn activation(
        &self,
        organization: OrganizationId,
    ) -> Result<Option<Resource<Document>>, Problem> {
        self.resource(organization, KIND, ResourceRow::ONLY).await
    }
}
