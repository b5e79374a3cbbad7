//! Organizations.

use waybill_model::OrganizationId;
use waybill_storage::{Commit, OrganizationRow, Put, WriteSet};
use waybill_versions::{Code, Problem};

use crate::{IssuedKey, NewKey, Service, unavailable};

/// Longer names help nobody.
const LONGEST_NAME: usize = 100;

impl Service {
    /// All organizations, oldest first.
    pub async fn organizations(&self) -> Result<Vec<OrganizationRow>, Problem> {
        self.0.storage.organizations().await.map_err(unavailable)
    }

    /// The organization of this name.
    pub async fn organization_named(&self, name: &str) -> Result<Option<OrganizationRow>, Problem> {
        Ok(self
            .organizations()
            .await?
            .into_iter()
            .find(|row| row.name == name))
    }

    /// Makes an organization; its name must be free.
    pub async fn create_organization(&self, name: &str) -> Result<OrganizationRow, Problem> {
        let row = self.new_organization(name)?;
        let set = WriteSet::new(row.id).put(Put::Organization(row.clone()));
        match self.commit(set).await.map_err(unavailable)? {
            Commit::Applied { .. } => Ok(row),
            Commit::Conflict(_) => Err(Problem::new(Code::ValueInvalid)
                .on("name")
                .because("An organization of this name exists; choose another.")),
        }
    }

    /// Makes an organization together with its first key, so that no crash leaves one without the
    /// other. `None`: it exists; another process was faster.
    pub async fn create_organization_with_key(
        &self,
        name: &str,
        new: NewKey,
    ) -> Result<Option<(OrganizationRow, IssuedKey)>, Problem> {
        let row = self.new_organization(name)?;
        let issued = self.new_key(row.id, new)?;
        let set = WriteSet::new(row.id)
            .put(Put::Organization(row.clone()))
            .put(Put::ApiKey(Box::new(issued.row.clone())));
        match self.commit(set).await.map_err(unavailable)? {
            Commit::Applied { .. } => Ok(Some((row, issued))),
            Commit::Conflict(_) => Ok(None),
        }
    }

    fn new_organization(&self, name: &str) -> Result<OrganizationRow, Problem> {
        let fits = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
            return Err(Problem::new(Code::ValueInvalid)
                .on("name")
                .because("Use 1 to 100 letters, digits, `-`, `_` or `.`."));
        }
        let now = self.now();
        Ok(OrganizationRow {
            id: OrganizationId::from_uuid(self.0.identities.at(now)),
            revision: 0,
            name: name.to_owned(),
            created_at: now,
            settings: "{}".to_owned(),
        })
    }
}
