//! Places that parcels are sent from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use waybill_model::{Details, OrganizationId, OwnId, ResourceId};
use waybill_storage::{ResourceKind, ResourceRow};
use waybill_versions::{Code, CreateLocation, Problem, UpdateLocation};

use crate::{Service, document::print, once::kept, resources::Resource};

const KIND: ResourceKind = ResourceKind::Location;

/// A location as it is kept; its row's name is its public id.
#[derive(Serialize, Deserialize)]
struct Document {
    /// The caller's fields, normalised.
    fields: Map<String, Value>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Service {
    /// All locations with their ids, by id, last first.
    pub async fn locations(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<(Uuid, Value)>, Problem> {
        let all = self.resources::<Document>(organization, KIND, None).await?;
        let shown = all.iter().rev();
        Ok(shown
            .map(|location| {
                (
                    location.row.id.as_uuid(),
                    shown_location(&location.row, &location.document),
                )
            })
            .collect())
    }

    /// One location.
    pub async fn location(&self, organization: OrganizationId, id: &str) -> Result<Value, Problem> {
        let location = self.found_location(organization, id).await?;
        let location = location.ok_or_else(missing)?;
        Ok(shown_location(&location.row, &location.document))
    }

    /// Makes a location.
    pub async fn create_location(
        &self,
        organization: OrganizationId,
        request: CreateLocation,
    ) -> Result<Value, Problem> {
        if let Some(made) = kept() {
            return Ok(made);
        }
        let now = self.now();
        let made = ResourceId::from_uuid(self.0.identities.at(now));
        let (id, name) = match &request.own_id {
            Some(own) => (resource_id(own), own.to_string()),
            None => (made, made.to_string()),
        };
        let row = ResourceRow {
            organization,
            kind: KIND,
            id,
            revision: 0,
            name,
            document: String::new(),
        };
        let document = Document {
            fields: request.fields,
            created_at: now,
            updated_at: now,
        };
        let answer = shown_location(&row, &document);
        let taken = Problem::invalid("id", "There is a location with this id already.");
        self.make_resource(row, &document, &taken, answer).await
    }

    /// Changes what the patch names. Trackings keep the address they were made with.
    pub async fn update_location(
        &self,
        organization: OrganizationId,
        id: &str,
        patch: UpdateLocation,
    ) -> Result<Value, Problem> {
        let id = OwnId::parse(id)
            .as_ref()
            .map(resource_id)
            .ok_or_else(missing)?;
        let patch = &patch.patch;
        let change = |location: &mut Resource<Document>, now| {
            let Resource { row, document } = location;
            for (name, value) in patch {
                if value.is_null() {
                    document.fields.remove(name);
                } else {
                    document.fields.insert(name.clone(), value.clone());
                }
            }
            document.updated_at = now;
            Ok(shown_location(row, document))
        };
        self.change_resource(organization, KIND, id, missing, change)
            .await
    }

    /// Deletes a location; answers it as it was.
    pub async fn delete_location(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        let location = self.found_location(organization, id).await?;
        let Resource { row, document } = location.ok_or_else(missing)?;
        self.delete_resource(organization, KIND, row.id).await?;
        Ok(shown_location(&row, &document))
    }

    /// Copies the address of the named location into the origin. 4008 where there is no such
    /// location, or it is not active.
    pub(crate) async fn fill_origin(
        &self,
        organization: OrganizationId,
        details: &mut Details,
    ) -> Result<(), Problem> {
        let Some(id) = details.location_id.clone() else {
            return Ok(());
        };
        let location = self.found_location(organization, &id).await?;
        let Some(Resource { document, .. }) = location else {
            let mend = "There is no location with this id; GET /waybill/v1/locations lists those there are.";
            return Err(Problem::invalid("location_id", mend));
        };
        if !is_active(&document.fields) {
            let mend =
                "The location is not active; activate it, or give an origin address instead.";
            return Err(Problem::invalid("location_id", mend));
        }
        let part = |name: &str| {
            let part = document.fields.get("address")?.get(name)?;
            part.as_str().map(str::to_owned)
        };
        details.origin_country_region = part("country_region")
            .as_deref()
            .and_then(waybill_model::CountryCode::parse);
        details.origin_state = part("state");
        details.origin_city = part("city");
        details.origin_postal_code = part("postal_code");
        details.origin_raw_location = part("raw_location");
        Ok(())
    }

    async fn found_location(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Option<Resource<Document>>, Problem> {
        match OwnId::parse(id) {
            Some(id) => self.resource(organization, KIND, resource_id(&id)).await,
            None => Ok(None),
        }
    }
}

/// The key of an id: itself where it is one of ours, else a hash, so that no two locations can have
/// one id, whoever writes at the same moment.
fn resource_id(id: &OwnId) -> ResourceId {
    ResourceId::parse(id.as_str()).unwrap_or_else(|| {
        let hash: [u8; 32] = Sha256::digest(id.as_str()).into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        ResourceId::from_uuid(Uuid::from_bytes(bytes))
    })
}

fn is_active(fields: &Map<String, Value>) -> bool {
    fields
        .get("active")
        .and_then(Value::as_bool)
        .unwrap_or(true)
}

fn shown_location(row: &ResourceRow, document: &Document) -> Value {
    let Document {
        fields,
        created_at,
        updated_at,
    } = document;
    let part = |name: &str| fields.get("address").and_then(|address| address.get(name));
    json!({
        "id": row.name,
        "name": fields.get("name"),
        "active": is_active(fields),
        "address": {
            "country_region": part("country_region"),
            "state": part("state"),
            "city": part("city"),
            "postal_code": part("postal_code"),
            "raw_location": part("raw_location"),
        },
        "order_cutoff_time": fields.get("order_cutoff_time"),
        "order_processing_time": fields.get("order_processing_time"),
        "business_days": fields.get("business_days"),
        "created_at": print(*created_at),
        "updated_at": print(*updated_at),
    })
}

fn missing() -> Problem {
    Problem::new(Code::NotFound).because("There is no location with this id.")
}
