//! An organization's own accounts with couriers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use waybill_couriers::Courier;
use waybill_model::{CourierSlug, OrganizationId, ResourceId};
use waybill_storage::{ResourceKind, ResourceRow};
use waybill_versions::{
    Code, CreateConnection, Problem, UpdateConnection,
    requests::{MASK, SECRET},
};

use crate::{
    Service, couriers::credential_fields, document::print, once::kept, resources::Resource,
};

const KIND: ResourceKind = ResourceKind::CourierConnection;

/// A connection as it is kept; its row's name is the courier's slug.
#[derive(Serialize, Deserialize)]
struct Document {
    /// The credentials by name as JSON, sealed under the master key.
    credentials: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The account to ask a courier with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The connection it is of.
    pub connection: ResourceId,
    /// The credentials by name.
    pub credentials: BTreeMap<String, String>,
}

impl Service {
    /// The connections, or those to one courier, with their ids, newest first. Secrets are masked.
    pub async fn courier_connections(
        &self,
        organization: OrganizationId,
        slug: Option<&str>,
    ) -> Result<Vec<(Uuid, Value)>, Problem> {
        let connections = self.resources::<Document>(organization, KIND, slug).await?;
        let shown = connections.iter().rev().map(|connection| {
            let credentials = self.opened(&connection.document)?;
            Ok((
                connection.row.id.as_uuid(),
                self.shown_connection(&connection.row, &connection.document, &credentials),
            ))
        });
        shown.collect()
    }

    /// One connection.
    pub async fn courier_connection(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        let id = ResourceId::parse(id).ok_or_else(missing)?;
        let connection = self.resource(organization, KIND, id).await?;
        let Resource { row, document } = connection.ok_or_else(missing)?;
        let credentials = self.opened(&document)?;
        Ok(self.shown_connection(&row, &document, &credentials))
    }

    /// Makes a connection to a courier that has accounts.
    pub async fn create_courier_connection(
        &self,
        organization: OrganizationId,
        request: CreateConnection,
    ) -> Result<Value, Problem> {
        if let Some(made) = kept() {
            return Ok(made);
        }
        let couriers = self.couriers();
        let slug = request.slug.as_str();
        let courier = couriers.get(slug).ok_or_else(|| {
            let mend =
                format!("There is no courier `{slug}`; GET /couriers lists those there are.");
            Problem::new(Code::SlugInvalid)
                .on("courier_slug")
                .because(&mend)
        })?;
        let fields = credential_fields(courier);
        if fields.is_empty() {
            let name = &courier.definition.name;
            let mend = format!("{name} asks for no credentials; its trackings need no connection.");
            return Err(Problem::invalid("courier_slug", &mend));
        }
        let credentials = request.credentials.over(&fields, BTreeMap::new())?;
        let now = self.now();
        let document = Document {
            credentials: self.sealed_credentials(&credentials)?,
            created_at: now,
            updated_at: now,
        };
        let row = ResourceRow {
            organization,
            kind: KIND,
            id: ResourceId::from_uuid(self.0.identities.at(now)),
            revision: 0,
            name: slug.to_owned(),
            document: String::new(),
        };
        let answer = self.shown_connection(&row, &document, &credentials);
        self.make_resource(row, &document, &Problem::unavailable(), answer)
            .await
    }

    /// Changes the credentials that the patch names.
    pub async fn update_courier_connection(
        &self,
        organization: OrganizationId,
        id: &str,
        patch: UpdateConnection,
    ) -> Result<Value, Problem> {
        let id = ResourceId::parse(id).ok_or_else(missing)?;
        let couriers = self.couriers();
        let patch = &patch;
        let change = |connection: &mut Resource<Document>, now| {
            let Resource { row, document } = connection;
            let courier = couriers.get(&row.name).ok_or_else(|| {
                let mend = format!("The courier `{}` is not installed any more.", row.name);
                Problem::new(Code::BadRequest).because(&mend)
            })?;
            let old = self.opened(document)?;
            let credentials = patch.credentials.over(&credential_fields(courier), old)?;
            document.credentials = self.sealed_credentials(&credentials)?;
            document.updated_at = now;
            Ok(self.shown_connection(row, document, &credentials))
        };
        self.change_resource(organization, KIND, id, missing, change)
            .await
    }

    /// Deletes a connection; answers it as it was. Trackings that name it cannot be asked for any
    /// more, and say why.
    pub async fn delete_courier_connection(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        let shown = self.courier_connection(organization, id).await?;
        let id = ResourceId::parse(id).ok_or_else(missing)?;
        self.delete_resource(organization, KIND, id).await?;
        Ok(shown)
    }

    /// The account to ask a courier with: of the named connection, else of the earliest to this
    /// courier. `None`: the organization has none of its own. The inner error is why the courier
    /// cannot be asked, in words for the operator.
    pub async fn account_for(
        &self,
        organization: OrganizationId,
        slug: &CourierSlug,
        named: Option<&str>,
    ) -> Result<Result<Option<Account>, String>, Problem> {
        let slug = slug.as_str();
        let found = if let Some(named) = named {
            let found = match ResourceId::parse(named) {
                Some(id) => self.resource::<Document>(organization, KIND, id).await?,
                None => None,
            };
            let Some(connection) = found else {
                return Ok(Err(format!(
                    "the courier connection {named} does not exist (any more)"
                )));
            };
            if connection.row.name != slug {
                let other = connection.row.name;
                return Ok(Err(format!(
                    "the courier connection {named} is one to `{other}`, not to `{slug}`"
                )));
            }
            Some(connection)
        } else {
            let all = self.resources::<Document>(organization, KIND, Some(slug));
            all.await?.into_iter().next()
        };
        let Some(connection) = found else {
            return Ok(Ok(None));
        };
        Ok(match self.opened(&connection.document) {
            Ok(credentials) => Ok(Some(Account {
                connection: connection.row.id,
                credentials,
            })),
            Err(_) => Err(format!(
                "the credentials of the courier connection {} cannot be decrypted: was the master key changed?",
                connection.row.id
            )),
        })
    }

    fn sealed_credentials(
        &self,
        credentials: &BTreeMap<String, String>,
    ) -> Result<String, Problem> {
        let text = serde_json::to_string(credentials).map_err(|_| Problem::internal())?;
        let sealed = self.0.master_key.seal(&self.0.identities, &text);
        sealed.ok_or_else(Problem::internal)
    }

    fn opened(&self, document: &Document) -> Result<BTreeMap<String, String>, Problem> {
        let text = self.0.master_key.open(&document.credentials);
        let credentials = text.and_then(|text| serde_json::from_str(&text).ok());
        credentials.ok_or_else(|| {
            tracing::error!("credentials of a courier connection cannot be decrypted");
            Problem::internal()
        })
    }

    fn shown_connection(
        &self,
        row: &ResourceRow,
        document: &Document,
        credentials: &BTreeMap<String, String>,
    ) -> Value {
        let couriers = self.couriers();
        json!({
            "id": row.id.to_string(),
            "courier_slug": row.name,
            "credentials": masked(couriers.get(&row.name), credentials),
            "created_at": print(document.created_at),
            "updated_at": print(document.updated_at),
        })
    }
}

/// What the courier does not call text is masked, also when it is not installed any more.
fn masked(courier: Option<&Courier>, credentials: &BTreeMap<String, String>) -> Map<String, Value> {
    let fields = courier.map(credential_fields).unwrap_or_default();
    let is_text = |name: &str| {
        fields
            .iter()
            .any(|field| field.name == name && field.r#type != SECRET)
    };
    let shown = credentials.iter().map(|(name, value)| {
        let value = if is_text(name) { value } else { MASK };
        (name.clone(), json!(value))
    });
    shown.collect()
}

fn missing() -> Problem {
    Problem::new(Code::NotFound).because("There is no courier connection with this id.")
}
