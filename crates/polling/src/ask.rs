//! One asking of a courier: request, token, answer, outcome.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::{Handle, RuntimeFlavor};
use waybill_couriers::{
    Ask, Courier, Credentials, HttpAnswer, HttpRequest, Outcome, Query, Token, TokenRequest,
    TroubleKind,
};
use waybill_nodes::{InUse, Parts, Standing};
use waybill_outside::{Answer, Door, Incomplete, Request};
use waybill_service::{Account, PollReport};
use waybill_storage::Storage;

use crate::{
    budgets::{Budgets, Refused},
    canaries,
    limits::Limits,
    report::{Failure, is_outage, is_within, report, why},
    staleness::{Histogram, Staleness},
    tokens::Tokens,
};

/// An answer of a courier is read up to here.
const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;
/// Reading up to this takes a millisecond or two; the longest answer takes some hundred.
const LONG_ANSWER_BYTES: usize = 64 * 1024;
/// No courier's word closes it for longer.
const LONGEST_PATIENCE: SignedDuration = SignedDuration::from_hours(6);

/// What the operator says of a courier.
#[derive(Debug, Clone, Default)]
pub struct CourierOptions {
    /// Replaces scheme, host and port of every URL of the courier.
    pub base_url: Option<String>,
    /// Used where an organization has no connection of its own.
    pub credentials: Credentials,
    /// Requests a day for each account, in place of what the courier's folder says.
    pub requests_per_day: Option<u32>,
    /// A number that the courier knows, asked by the clock whether or not there are parcels.
    pub canary: Option<String>,
}

/// Asks couriers through the door.
pub struct Asker {
    door: Arc<Door>,
    pub(crate) couriers: BTreeMap<String, CourierOptions>,
    tokens: Tokens,
    pub(crate) limits: Limits,
    pub(crate) budgets: Budgets,
    staleness: Staleness,
    pub(crate) known_canaries: canaries::Known,
}

/// Whether a courier could be asked now.
pub(crate) enum Asked {
    /// It was, or there was a reason not to that only time or the operator can change: a report for each
    /// question.
    Reports(Vec<PollReport>),
    /// Its limits are reached; try again at the instant.
    Later(Timestamp),
    /// The day's part of its budget is spent; those that cannot wait may try again at the instant.
    Scarce(Timestamp),
}

impl Asker {
    /// An asker with the operator's word on couriers.
    pub fn new(door: Arc<Door>, couriers: BTreeMap<String, CourierOptions>) -> Self {
        Self {
            door,
            couriers,
            tokens: Tokens::default(),
            limits: Limits::new(Standing::alone()),
            budgets: Budgets::new(None),
            staleness: Staleness::default(),
            known_canaries: canaries::Known::default(),
        }
    }

    /// One that keeps to daily budgets, which all nodes share and no restart renews.
    #[must_use]
    pub fn budgeting(mut self, storage: Arc<dyn Storage>) -> Self {
        self.budgets = Budgets::new(Some(storage));
        self
    }

    /// One that asks as much as this node's standing among others lets it.
    #[must_use]
    pub fn sharing(mut self, standing: Standing) -> Self {
        self.limits = Limits::new(standing);
        self
    }

    /// Which accounts with couriers count as down, and which do not, as far as this process asked them.
    pub fn down(&self) -> Vec<(String, bool)> {
        self.limits.down()
    }

    /// How old what was known of parcels was when it was renewed, by courier.
    pub fn staleness(&self) -> Vec<(String, Histogram)> {
        self.staleness.all()
    }

    /// Notes that what was known of a parcel was renewed at so old an age.
    pub(crate) fn note_renewed(&self, slug: &str, age: SignedDuration) {
        self.staleness.note(slug, age);
    }

    /// Whether the courier's URLs lead elsewhere: to a rehearsal or a proxy.
    pub fn is_redirected(&self, slug: &str) -> bool {
        self.couriers
            .get(slug)
            .is_some_and(|options| options.base_url.is_some())
    }

    /// Asks for several numbers in one request, with the organization's own account where it has one. At most
    /// the courier's `batch` of them, of one [`Courier::batch_key`].
    pub(crate) async fn ask(
        &self,
        courier: &Courier,
        account: Option<&Account>,
        queries: &[Query],
    ) -> Asked {
        let Some(first) = queries.first() else {
            return Asked::Reports(Vec::new());
        };
        if !courier.has_connection() {
            let failure = Failure::of(courier, &Ask::NoConnection);
            return Asked::Reports(failure.of_all(queries));
        }
        let leave = match self
            .limits
            .enter(courier, &limited(courier, account), first.now)
        {
            Ok(leave) => leave,
            Err(later) => return Asked::Later(later),
        };
        let name = limited(courier, account);
        match self
            .budgets
            .take(&name, self.requests_per_day(courier), first.now)
            .await
        {
            Ok(()) => {}
            Err(Refused::Later(later)) => return Asked::Scarce(later),
            Err(Refused::UsedUp(until)) => {
                let failure = Failure::because(format!(
                    "the budget of {} for today is used up",
                    courier.definition.name
                ));
                let reports = failure.of_all(queries).into_iter();
                let reports = reports.map(|report| PollReport {
                    next_check_at: Some(until),
                    ..report
                });
                return Asked::Reports(reports.collect());
            }
        }
        tokio::time::sleep(leave.wait).await;
        let reports = self.exchange(courier, account, queries).await;
        drop(leave);
        Asked::Reports(reports)
    }

    pub(crate) async fn exchange(
        &self,
        courier: &Courier,
        account: Option<&Account>,
        queries: &[Query],
    ) -> Vec<PollReport> {
        let name = limited(courier, account);
        let (reports, wait, is_down) = match self.try_exchange(courier, account, queries).await {
            Ok(exchanged) => {
                let mut longest = None;
                let mut is_down = !is_within(&exchanged.request.url);
                let outcomes = queries.iter().zip(exchanged.outcomes);
                let reports = outcomes.map(|(query, outcome)| {
                    let report = report(query.now, &exchanged.answer, outcome);
                    is_down &= report.as_ref().is_err_and(|failure| failure.is_down);
                    report.unwrap_or_else(|failure| {
                        longest = longest.max(failure.wait);
                        failure.report(query.now)
                    })
                });
                let reports: Vec<PollReport> = reports.collect();
                (reports, longest, is_down)
            }
            Err(failure) => (failure.of_all(queries), failure.wait, failure.is_down),
        };
        if let Some(first) = queries.first() {
            // A rehearsal is to fail as its script says.
            let is_down = is_down && !self.is_redirected(courier.slug().as_str());
            self.limits.note(&name, is_down, first.now);
            if let Some(wait) = wait {
                let until = first.now + wait.min(LONGEST_PATIENCE);
                self.limits.close(&name, until);
            }
        }
        reports
    }

    /// A token that the courier refuses may have been withdrawn: a fresh one is tried, once.
    async fn try_exchange(
        &self,
        courier: &Courier,
        account: Option<&Account>,
        queries: &[Query],
    ) -> Result<Exchanged, Failure> {
        let first = self.exchange_once(courier, account, queries).await?;
        match &first.refused_token {
            Some(token_key) => {
                self.tokens.drop_token(token_key).await;
                let now = queries.first().map_or(Timestamp::MIN, |query| query.now);
                let a_day = self.requests_per_day(courier);
                let name = limited(courier, account);
                match self.budgets.take(&name, a_day, now).await {
                    Ok(()) => self.exchange_once(courier, account, queries).await,
                    Err(_) => Ok(first),
                }
            }
            None => Ok(first),
        }
    }

    pub(crate) async fn exchange_once(
        &self,
        courier: &Courier,
        account: Option<&Account>,
        queries: &[Query],
    ) -> Result<Exchanged, Failure> {
        let default = CourierOptions::default();
        let options = self
            .couriers
            .get(courier.definition.slug.as_str())
            .unwrap_or(&default);
        let base_url = options.base_url.as_deref();
        let credentials = account.map_or(&options.credentials, |account| &account.credentials);
        let ask = |token: Option<&str>| {
            courier
                .ask_batch(queries, credentials, token, base_url)
                .map_err(|error| Failure::because(error.to_string()))
        };
        let mut token_key = None;
        let mut kept_token = None;
        let request = match ask(None)? {
            Ask::NeedsToken(token_request) => {
                let now = queries.first().map_or(Timestamp::MIN, |query| query.now);
                let token = self.token(courier, &token_request, now).await?;
                token_key = Some(token_request.cache_key);
                match ask(Some(&token))? {
                    Ask::Request(request) => {
                        kept_token = Some(token);
                        request
                    }
                    other => return Err(Failure::of(courier, &other)),
                }
            }
            Ask::Request(request) => request,
            other => return Err(Failure::of(courier, &other)),
        };
        let timeout = timeout_of(courier);
        let answer = self.send(request.clone(), timeout).await?;
        let read = HttpAnswer {
            status: answer.status,
            headers: &answer.headers,
            body: &answer.body,
        };
        let outcomes = match &answer.incomplete {
            Some(error) => vec![read.cut_off(&why(error)); queries.len()],
            None => beside(answer.body.len(), || courier.read_batch(queries, &read)),
        };
        let refused = outcomes.iter().all(|outcome| {
            matches!(outcome, Outcome::CouldNotAsk(trouble) if trouble.kind == TroubleKind::BadCredentials)
        });
        Ok(Exchanged {
            request,
            token: kept_token,
            answer,
            outcomes,
            refused_token: token_key.filter(|_| refused),
        })
    }

    async fn token(
        &self,
        courier: &Courier,
        request: &TokenRequest,
        now: Timestamp,
    ) -> Result<String, Failure> {
        let timeout = timeout_of(courier);
        self.tokens
            .get(
                &request.cache_key,
                now,
                async || -> Result<Token, Failure> {
                    let answer =
                        self.send(request.request.clone(), timeout)
                            .await
                            .map_err(|failure| Failure {
                                reason: format!("no access token: {}", failure.reason),
                                ..failure
                            })?;
                    if let Some(error) = &answer.incomplete {
                        let reason = format!("no access token: {}", why(error));
                        return Err(Failure::because(reason));
                    }
                    let read = courier.read_token(&HttpAnswer {
                        status: answer.status,
                        headers: &answer.headers,
                        body: &answer.body,
                    });
                    read.map_err(|trouble| {
                        let failure = Failure::trouble(&trouble, Some(&answer));
                        Failure {
                            reason: format!("no access token: {}", failure.reason),
                            ..failure
                        }
                    })
                },
            )
            .await
    }

    async fn send(&self, request: HttpRequest, timeout: Duration) -> Result<Answer, Failure> {
        let method = http::Method::from_bytes(request.method.as_str().as_bytes())
            .map_err(|error| Failure::because(error.to_string()))?;
        let is_within = is_within(&request.url);
        let request = Request {
            headers: request.headers,
            body: request.body.map(Into::into),
            timeout,
            max_answer_bytes: MAX_ANSWER_BYTES,
            on_incomplete: Incomplete::Keep,
            ..Request::new(method, request.url)
        };
        self.door.send(request).await.map_err(|error| Failure {
            is_down: !is_within && is_outage(&error),
            ..Failure::because(why(&error))
        })
    }
}

impl InUse for Asker {
    fn fits(&self, parts: Parts) -> bool {
        self.limits.fits(parts)
    }
}

/// Reads an answer; a long one beside the tasks of this thread, which other threads take over meanwhile.
fn beside<T>(bytes: usize, read: impl FnOnce() -> T) -> T {
    let several = Handle::try_current()
        .is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if bytes > LONG_ANSWER_BYTES && several {
        tokio::task::block_in_place(read)
    } else {
        read()
    }
}

/// What limits are counted by: the courier, for each set of credentials.
pub(crate) fn limited(courier: &Courier, account: Option<&Account>) -> String {
    let slug = &courier.definition.slug;
    match account {
        Some(account) => format!("{slug} {}", account.connection),
        None => slug.to_string(),
    }
}

/// An answer and what it says of each question.
pub(crate) struct Exchanged {
    pub request: HttpRequest,
    pub token: Option<String>,
    pub answer: Answer,
    pub outcomes: Vec<Outcome>,
    /// The key of the token, where the courier refused it.
    pub refused_token: Option<String>,
}

fn timeout_of(courier: &Courier) -> Duration {
    let seconds = courier
        .definition
        .connection
        .as_ref()
        .map_or(15, |connection| connection.timeout_seconds);
    Duration::from_secs(u64::from(seconds))
}
