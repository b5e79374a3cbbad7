//! A tracking is made.

use serde::Serialize;
use waybill_couriers::{Candidate, Courier};
use waybill_model::{
    ClockFacts, CourierSlug, Details, Detected, OrganizationId, QUIET_AFTER, Record, SubStatus,
    Tag, TrackingKey,
};
use waybill_storage::{
    Append, Conflict, Delete, EventKind, NAME_DISCRIMINATOR_NONE, Name, NameRow, Put, TrackingRow,
    WriteSet,
};
use waybill_versions::{Code, CreateTracking, Problem};

use crate::{
    ActiveCouriers, Service,
    advance::{Draft, new_poll, poll_job},
    document::{ORDER_ESTIMATE, promised_estimate},
    names::{additional_field, missing_fields, number_name, query_of, released},
    once::kept,
    recognise::{UNRECOGNIZED, unrecognized},
    settling::guessed,
    told::learn_estimate,
    unavailable,
};

/// How a tracking gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// By a request, which is told what is wrong with it.
    Api,
    /// By a file, whose author may not be there.
    Csv,
}

impl Source {
    /// The word in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Csv => "csv",
        }
    }

    /// A number that no courier recognises is kept as [`UNRECOGNIZED`], and looked at again when
    /// couriers change.
    fn keeps_unrecognized(self) -> bool {
        self != Self::Api
    }
}

/// What the event of a new tracking says.
#[derive(Serialize)]
struct Made<'a> {
    id: String,
    slug: &'a CourierSlug,
    tracking_number: &'a str,
}

/// A tracking to make whose courier is known.
pub(crate) struct Wanted {
    source: Source,
    request: CreateTracking,
    slug: CourierSlug,
    detected: Option<Detected>,
    name: Name,
}

impl Wanted {
    /// What no other tracking of the organization may be called.
    pub(crate) fn names(&self) -> impl Iterator<Item = Name> + use<'_> {
        let own_id = self.request.own_id.iter();
        own_id
            .map(|id| Name::OwnId(id.to_string()))
            .chain([self.name.clone()])
    }
}

impl Service {
    /// Makes a tracking, finds its courier where none is given, and asks the courier at once.
    pub async fn create_tracking(
        &self,
        organization: OrganizationId,
        request: CreateTracking,
    ) -> Result<String, Problem> {
        if let Some(made) = kept() {
            return Ok(made);
        }
        let active = match request.slug {
            Some(_) => ActiveCouriers::default(),
            None => self.active_couriers(organization).await?,
        };
        let wanted = self
            .wanted(organization, request, &active, Source::Api)
            .await?;
        self.make(organization, &wanted).await
    }

    /// The request with its origin and its courier, if it may have this number. The courier is
    /// looked for among the active ones.
    pub(crate) async fn wanted(
        &self,
        organization: OrganizationId,
        mut request: CreateTracking,
        active: &ActiveCouriers,
        source: Source,
    ) -> Result<Wanted, Problem> {
        self.fill_origin(organization, &mut request.details).await?;
        let found = self.courier_of(organization, &request, active).await;
        let (slug, detected) = match (found, unrecognized()) {
            (Err(problem), Some(slug))
                if problem.code == Code::CourierUnknown && source.keeps_unrecognized() =>
            {
                (
                    slug,
                    Some(Detected::new(0.0, request.slug_group.clone(), 0)),
                )
            }
            (found, _) => found?,
        };
        let number = request.number.as_str();
        let couriers = self.couriers();
        let name = match couriers.get(slug.as_str()) {
            Some(courier) => number_name(number, courier, &request.details),
            None if slug.as_str() == UNRECOGNIZED => Name::Number {
                number: number.to_owned(),
                slug: slug.to_string(),
                discriminator: NAME_DISCRIMINATOR_NONE.to_owned(),
            },
            None => return Err(unknown_slug(slug.as_str())),
        };
        Ok(Wanted {
            source,
            request,
            slug,
            detected,
            name,
        })
    }

    /// Makes the tracking; 4003 where it, or its id, is there already.
    pub(crate) async fn make(
        &self,
        organization: OrganizationId,
        wanted: &Wanted,
    ) -> Result<String, Problem> {
        if let Some(own_id) = &wanted.request.own_id
            && let Some(existing) = self.resolve_own(organization, own_id).await?
        {
            return Err(self.exists(organization, existing).await);
        }

        // Most names are new, so only one that is taken is looked at: whoever has it may let it go.
        let is_taken = |made: &Result<String, Problem>| matches!(made, Err(problem) if problem.code == Code::TrackingExists);
        let mut made = self.make_once(organization, wanted, &[]).await;
        if is_taken(&made) {
            let released = self.released_names(organization, &wanted.name).await?;
            if !released.is_empty() {
                made = self.make_once(organization, wanted, &released).await;
            }
        }
        if is_taken(&made) {
            return Err(self.exists_as(organization, wanted).await);
        }
        made
    }

    /// Makes the tracking in place of those that let its name go.
    async fn make_once(
        &self,
        organization: OrganizationId,
        wanted: &Wanted,
        released: &[NameRow],
    ) -> Result<String, Problem> {
        let Wanted {
            source,
            request,
            slug,
            detected,
            ..
        } = wanted;
        self.decide_once(
            async || {
                let now = self.now();
                let mut set = WriteSet::new(organization);
                let key = TrackingKey::from_uuid(self.0.identities.at(now));
                set.delete
                    .extend(released.iter().cloned().map(Delete::Name));
                set.put.extend(wanted.names().map(|name| {
                    Put::Name(NameRow {
                        name,
                        tracking: key,
                    })
                }));

                let mut record = Record::new(source.as_str(), request.details.clone());
                record.detected.clone_from(detected);
                if let Some(promised) = &request.details.order_promised_delivery_date {
                    learn_estimate(
                        &mut record,
                        ORDER_ESTIMATE,
                        promised_estimate(promised),
                        now,
                    );
                }
                let number = request.number.to_string();
                let mut poll = new_poll(organization, key, 0, slug.clone(), number.clone(), now);
                // Nobody can be asked; it expires like one that nobody knows.
                if slug.as_str() == UNRECOGNIZED {
                    poll.next_check_at = now.checked_add(QUIET_AFTER).ok();
                }
                let row = new_row(organization, key, request, slug.clone(), now);
                set.put.push(Put::Poll(poll.clone()));
                set.append.push(Append::Unsearchable(key));
                set.jobs.extend(poll_job(&poll));
                let what = Made {
                    id: key.id(),
                    slug,
                    tracking_number: &number,
                };
                set.events
                    .push(self.note(EventKind::TrackingCreated, key, now, &what));
                let draft = Draft {
                    row,
                    record,
                    polls: vec![poll],
                };
                let advanced = self.advance(&mut set, draft, Vec::new(), now);
                Ok((set, advanced.answer))
            },
            |conflict| match conflict {
                Conflict::NameTaken(_) => Some(Problem::new(Code::TrackingExists)),
                _ => None,
            },
        )
        .await
    }

    /// The courier to use: the given one if it may have this number, else the likeliest, and how sure
    /// that is.
    async fn courier_of(
        &self,
        organization: OrganizationId,
        request: &CreateTracking,
        active: &ActiveCouriers,
    ) -> Result<(CourierSlug, Option<Detected>), Problem> {
        let couriers = self.couriers();
        let value = |field: &str| additional_field(&request.details, field);
        if let Some(slug) = &request.slug {
            let courier = couriers
                .get(slug.as_str())
                .ok_or_else(|| unknown_slug(slug.as_str()))?;
            if courier.definition.numbers_exhaustive && !courier.accepts(request.number.as_str()) {
                return Err(Problem::new(Code::NumberFormatInvalid)
                    .on("tracking_number")
                    .because(&format!(
                        "It fits none of the number formats of {}; check the number or the slug.",
                        courier.definition.name
                    )));
            }
            require(courier, value)?;
            return Ok((slug.clone(), None));
        }
        let group = request.slug_group.as_deref();
        let number = request.number.as_str();
        let known = (&request.details, group);
        let hints = self.hints(organization, number, known, active).await?;
        let (candidates, inactive) = self.candidates(number, &hints, active);
        let Some(best) = candidates.first() else {
            let mend = match (group, inactive) {
                (Some(group), _) => format!(
                    "The number does not belong to any courier of `{group}`; give `slug` instead."
                ),
                (None, Some(inactive)) => format!(
                    "The number looks like one of `{inactive}`, which is not activated; activate it \
                     (PUT /waybill/v1/courier-activation), or give it as `slug`."
                ),
                (None, None) => {
                    "No courier recognises this number; give the courier as `slug`.".to_owned()
                }
            };
            return Err(Problem::new(Code::CourierUnknown).because(&mend));
        };
        let complete = self.first_complete(&candidates, &request.details);
        let chosen = complete.unwrap_or(best);
        if let Some(courier) = couriers.get(chosen.slug.as_str()) {
            require(courier, value)?;
        }
        // Whoever chooses an account chooses its courier: that is no guess.
        let is_guess = request.details.courier_connection_id.is_none();
        let detected = is_guess.then(|| guessed(chosen.confidence, request.slug_group.clone()));
        Ok((chosen.slug.clone(), detected))
    }

    /// A candidate whose required fields are given goes before a likelier one without them.
    pub(crate) fn first_complete<'a>(
        &self,
        candidates: &'a [Candidate],
        details: &Details,
    ) -> Option<&'a Candidate> {
        let couriers = self.couriers();
        let value = |field: &str| additional_field(details, field);
        candidates.iter().find(|candidate| {
            couriers
                .get(candidate.slug.as_str())
                .is_some_and(|courier| missing_fields(courier, value).is_empty())
        })
    }

    /// The names like this one whose trackings let them go: numbers that carriers use again, long after.
    async fn released_names(
        &self,
        organization: OrganizationId,
        name: &Name,
    ) -> Result<Vec<NameRow>, Problem> {
        let query = query_of(name);
        let storage = &self.0.storage;
        let mut names = Vec::new();
        for named in storage
            .trackings_named(organization, &query)
            .await
            .map_err(unavailable)?
        {
            let old = storage
                .tracking(organization, named.tracking)
                .await
                .map_err(unavailable)?;
            if old.is_none_or(|old| released(&old, self.0.settings.number_reuse_days, self.now())) {
                names.push(named);
            }
        }
        Ok(names)
    }

    async fn exists_as(&self, organization: OrganizationId, wanted: &Wanted) -> Problem {
        for name in wanted.names() {
            if let Some(existing) = self.named(organization, &name).await {
                return self.exists(organization, existing).await;
            }
        }
        Problem::new(Code::TrackingExists)
    }

    /// 4003 with what identifies the tracking that is there.
    pub(crate) async fn exists(&self, organization: OrganizationId, key: TrackingKey) -> Problem {
        let problem = Problem::new(Code::TrackingExists);
        match self.0.storage.tracking(organization, key).await {
            Ok(Some(row)) => problem.with_data(serde_json::json!({"tracking": {
                "id": row.own_id.as_ref().map_or_else(|| key.id(), ToString::to_string),
                "legacy_id": key.legacy_id(),
                "tracking_number": row.number,
                "slug": row.slug.as_str(),
                "active": row.active,
                "created_at": crate::document::print(row.created_at),
            }})),
            _ => problem,
        }
    }
}

fn new_row(
    organization: OrganizationId,
    key: TrackingKey,
    request: &CreateTracking,
    slug: CourierSlug,
    now: jiff::Timestamp,
) -> TrackingRow {
    TrackingRow {
        organization,
        key,
        revision: 0,
        own_id: request.own_id.clone(),
        number: request.number.to_string(),
        slug,
        tag: Tag::Pending,
        sub_status: SubStatus::PENDING_001,
        active: true,
        order_id: None,
        origin: None,
        destination: None,
        courier_destination: None,
        return_to_sender: false,
        shipment_tags: Vec::new(),
        created_at: now,
        updated_at: now,
        clock: ClockFacts::default(),
        document: String::new().into(),
        record: String::new(),
    }
}

pub(crate) fn unknown_slug(slug: &str) -> Problem {
    Problem::new(Code::SlugInvalid).on("slug").because(&format!(
        "There is no courier `{slug}`; GET /couriers lists those there are."
    ))
}

/// 4011 names every required field of the courier that is missing.
pub(crate) fn require(
    courier: &Courier,
    value: impl Fn(&str) -> Option<String>,
) -> Result<(), Problem> {
    let missing = missing_fields(courier, value);
    if missing.is_empty() {
        return Ok(());
    }
    let named = missing
        .iter()
        .map(|field| format!("`{field}`"))
        .collect::<Vec<_>>()
        .join(", ");
    Err(Problem::new(Code::RequiredFieldMissing)
        .because(&format!("{} also needs {named}.", courier.definition.name)))
}

/// The members of a slug group.
pub(crate) fn group_members(group: &str) -> Vec<CourierSlug> {
    waybill_versions::slug_group(group)
        .into_iter()
        .flatten()
        .filter_map(|slug| CourierSlug::parse(slug))
        .collect()
}
