//! What resources of every kind have in common: they are read, changed under their revision, and
//! limited in number.

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use waybill_model::{OrganizationId, ResourceId};
use waybill_storage::{Conflict, Delete, Put, ResourceKind, ResourceRow, WriteSet};
use waybill_versions::{Code, Problem};

use crate::{Service, unavailable};

/// Resources of one kind of one organization: all of them are read to be listed.
const RESOURCES_LIMIT: usize = 1_000;

/// A resource with its settings.
pub(crate) struct Resource<D> {
    pub row: ResourceRow,
    pub document: D,
}

impl Service {
    /// All of a kind, or those of a name, oldest first.
    pub(crate) async fn resources<D: DeserializeOwned>(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        name: Option<&str>,
    ) -> Result<Vec<Resource<D>>, Problem> {
        let rows = self.0.storage.resources(organization, kind, name).await;
        rows.map_err(unavailable)?.into_iter().map(read).collect()
    }

    /// One of a kind.
    pub(crate) async fn resource<D: DeserializeOwned>(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        id: ResourceId,
    ) -> Result<Option<Resource<D>>, Problem> {
        let row = self.0.storage.resource(organization, kind, id).await;
        row.map_err(unavailable)?.map(read).transpose()
    }

    /// Makes one; `taken` is answered where its id is taken.
    pub(crate) async fn make_resource<D: Serialize>(
        &self,
        row: ResourceRow,
        document: &D,
        taken: &Problem,
        answer: serde_json::Value,
    ) -> Result<serde_json::Value, Problem> {
        let (organization, kind) = (row.organization, row.kind);
        let row = &ResourceRow {
            document: text(document),
            ..row
        };
        let existing = self.0.storage.resources(organization, kind, None).await;
        if existing.map_err(unavailable)?.len() >= RESOURCES_LIMIT {
            return Err(Problem::new(Code::BadRequest).because(&format!(
                "An organization has at most {RESOURCES_LIMIT} of them; delete one first."
            )));
        }
        let answer = &answer;
        self.decide_once(
            async || {
                let put = Put::Resource(Box::new(row.clone()));
                Ok((WriteSet::new(organization).put(put), answer.clone()))
            },
            |conflict| (*conflict == Conflict::Changed).then(|| taken.clone()),
        )
        .await
    }

    /// Changes one, reading again while others change it; answers what `change` says.
    pub(crate) async fn change_resource<D: Serialize + DeserializeOwned>(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        id: ResourceId,
        missing: impl Fn() -> Problem,
        change: impl Fn(&mut Resource<D>, Timestamp) -> Result<serde_json::Value, Problem>,
    ) -> Result<serde_json::Value, Problem> {
        let (change, missing) = (&change, &missing);
        self.decide_once(
            async || {
                let resource = self.resource(organization, kind, id).await?;
                let mut resource = resource.ok_or_else(missing)?;
                let answer = change(&mut resource, self.now())?;
                let row = ResourceRow {
                    document: text(&resource.document),
                    ..resource.row
                };
                let set = WriteSet::new(organization).put(Put::Resource(Box::new(row)));
                Ok((set, answer))
            },
            |_| None,
        )
        .await
    }

    /// Deletes one.
    pub(crate) async fn delete_resource(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        id: ResourceId,
    ) -> Result<(), Problem> {
        let mut set = WriteSet::new(organization);
        set.delete.push(Delete::Resource(kind, id));
        self.commit(set).await.map_err(unavailable)?;
        Ok(())
    }
}

pub(crate) fn text<D: Serialize>(document: &D) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn read<D: DeserializeOwned>(row: ResourceRow) -> Result<Resource<D>, Problem> {
    match serde_json::from_str(&row.document) {
        Ok(document) => Ok(Resource { row, document }),
        Err(error) => {
            tracing::error!(kind = row.kind.as_str(), id = %row.id, %error, "a resource cannot be read");
            Err(Problem::internal())
        }
    }
}
