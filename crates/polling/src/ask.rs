//! One asking of a courier: request, token, answer, outcome.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::{Handle, RuntimeFlavor};
use waybill_cadence::Price;
use waybill_couriers::{
    Ask, Courier, Credentials, HttpAnswer, HttpRequest, Outcome, Query, Reading, Token,
    TokenRequest, Trouble, TroubleKind, redact,
};
use waybill_nodes::{InUse, Parts, Standing};
use waybill_outside::{Answer, Door, Error, Incomplete, Request};
use waybill_service::{Account, PollReport};
use waybill_storage::{PollOutcome, Storage};

use crate::{
    budgets::{Budgets, Refused},
    limits::Limits,
    tokens::Tokens,
};

/// An answer of a courier is read up to here.
const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;
/// Reading up to this takes a millisecond or two; the longest answer takes some hundred.
const LONG_ANSWER_BYTES: usize = 64 * 1024;
/// Where a courier asks for patience without saying how much.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
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
}

/// Asks couriers through the door.
pub struct Asker {
    door: Arc<Door>,
    couriers: BTreeMap<String, CourierOptions>,
    tokens: Tokens,
    limits: Limits,
    budgets: Budgets,
}

/// What was sent, what came back and what it was read as, without secrets.
#[derive(Debug)]
pub struct Trial {
    /// Method and address.
    pub request: String,
    /// Headers of the request, a line each.
    pub request_headers: Vec<String>,
    /// Body of the request.
    pub request_body: Option<String>,
    /// Status of the answer.
    pub status: u16,
    /// Headers of the answer, a line each.
    pub headers: Vec<String>,
    /// Body of the answer.
    pub body: String,
    /// What it was read as.
    pub outcome: Outcome,
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

    /// Whether the courier's URLs lead elsewhere: to a rehearsal or a proxy.
    pub fn is_redirected(&self, slug: &str) -> bool {
        self.couriers
            .get(slug)
            .is_some_and(|options| options.base_url.is_some())
    }

    /// Asks once, without regard to limits: for the command line.
    pub async fn ask_once(&self, courier: &Courier, query: &Query) -> PollReport {
        let reports = self.exchange(courier, None, std::slice::from_ref(query));
        let report = reports.await.into_iter().next();
        report.unwrap_or_else(|| could_not(query.now, "nothing was asked".to_owned()))
    }

    /// Asks once, without regard to limits, and shows what was sent and what came back, without
    /// secrets: for whoever writes a courier's folder. The error says why nothing was sent or came.
    pub async fn try_once(&self, courier: &Courier, query: &Query) -> Result<Trial, String> {
        let exchanged = self
            .exchange_once(courier, None, std::slice::from_ref(query))
            .await
            .map_err(|failure| failure.reason)?;
        let default = CourierOptions::default();
        let slug = courier.definition.slug.as_str();
        let credentials = &self.couriers.get(slug).unwrap_or(&default).credentials;
        let token = exchanged.token.as_deref();
        let shown = |text: &str| redact(text, credentials, token);
        let text = |bytes: &[u8]| shown(&String::from_utf8_lossy(bytes));
        let lines = |headers: &[(String, String)]| {
            let line = |(name, value): &(String, String)| format!("{name}: {}", shown(value));
            headers.iter().map(line).collect()
        };
        let Exchanged {
            request,
            answer,
            outcomes,
            ..
        } = exchanged;
        let outcome = outcomes.into_iter().next().ok_or("nothing was asked")?;
        Ok(Trial {
            request: format!("{} {}", request.method.as_str(), shown(&request.url)),
            request_headers: lines(&request.headers),
            request_body: request.body.as_deref().map(text),
            status: answer.status,
            headers: lines(&answer.headers),
            body: text(&answer.body),
            outcome,
        })
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

    /// What a call is worth to a courier now, after an asking that was worth `wanted`; `least` where its budget
    /// suffices, or it has none.
    pub(crate) fn price(
        &self,
        courier: &Courier,
        account: Option<&Account>,
        wanted: Option<Price>,
        least: Price,
        now: Timestamp,
    ) -> Price {
        let Some(a_day) = self.requests_per_day(courier) else {
            return least;
        };
        let askings = f64::from(a_day) * courier.batch_size() as f64 * self.limits.share(now);
        let name = limited(courier, account);
        self.budgets.price(&name, askings, wanted, least, now)
    }

    /// Requests a day for one account, where they are limited.
    fn requests_per_day(&self, courier: &Courier) -> Option<u32> {
        let options = self.couriers.get(courier.definition.slug.as_str());
        let own = courier
            .connection()
            .and_then(|connection| connection.requests_per_day);
        options.and_then(|options| options.requests_per_day).or(own)
    }

    async fn exchange(
        &self,
        courier: &Courier,
        account: Option<&Account>,
        queries: &[Query],
    ) -> Vec<PollReport> {
        let (reports, wait) = match self.try_exchange(courier, account, queries).await {
            Ok(exchanged) => {
                let mut longest = None;
                let outcomes = queries.iter().zip(exchanged.outcomes);
                let reports = outcomes.map(|(query, outcome)| {
                    let report = report(query.now, &exchanged.answer, outcome);
                    report.unwrap_or_else(|failure| {
                        longest = longest.max(failure.wait);
                        failure.report(query.now)
                    })
                });
                let reports: Vec<PollReport> = reports.collect();
                (reports, longest)
            }
            Err(failure) => (failure.of_all(queries), failure.wait),
        };
        if let (Some(wait), Some(first)) = (wait, queries.first()) {
            let until = first.now + wait.min(LONGEST_PATIENCE);
            self.limits.close(&limited(courier, account), until);
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

    async fn exchange_once(
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
        let request = Request {
            headers: request.headers,
            body: request.body.map(Into::into),
            timeout,
            max_answer_bytes: MAX_ANSWER_BYTES,
            on_incomplete: Incomplete::Keep,
            ..Request::new(method, request.url)
        };
        self.door
            .send(request)
            .await
            .map_err(|error| Failure::because(why(&error)))
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
fn limited(courier: &Courier, account: Option<&Account>) -> String {
    let slug = &courier.definition.slug;
    match account {
        Some(account) => format!("{slug} {}", account.connection),
        None => slug.to_string(),
    }
}

/// An answer and what it says of each question.
struct Exchanged {
    request: HttpRequest,
    token: Option<String>,
    answer: Answer,
    outcomes: Vec<Outcome>,
    /// The key of the token, where the courier refused it.
    refused_token: Option<String>,
}

/// Why a courier could not be asked.
struct Failure {
    reason: String,
    http_status: Option<u16>,
    latency_ms: u64,
    wait: Option<SignedDuration>,
}

impl Failure {
    fn report(&self, at: Timestamp) -> PollReport {
        PollReport {
            http_status: self.http_status,
            latency_ms: self.latency_ms,
            ..could_not(at, self.reason.clone())
        }
    }

    /// A request that fails has failed for all that it asked for.
    fn of_all(&self, queries: &[Query]) -> Vec<PollReport> {
        queries.iter().map(|query| self.report(query.now)).collect()
    }

    fn because(reason: String) -> Self {
        Self {
            reason,
            http_status: None,
            latency_ms: 0,
            wait: None,
        }
    }

    fn of(courier: &Courier, ask: &Ask) -> Self {
        let name = &courier.definition.name;
        Self::because(match ask {
            Ask::MissingCredentials(names) => {
                format!("credentials of {name} are missing: {}", names.join(", "))
            }
            Ask::MissingFields(names) => {
                format!("{name} cannot be asked without {}", names.join(", "))
            }
            Ask::NoConnection => format!("{name} has no interface that could be asked"),
            Ask::NeedsToken(_) | Ask::Request(_) => {
                format!("{name} asks for a token again and again")
            }
        })
    }

    fn trouble(trouble: &Trouble, answer: Option<&Answer>) -> Self {
        let wait = match trouble.kind {
            TroubleKind::RetryAfter(seconds) => Some(if seconds == 0 {
                PATIENCE
            } else {
                SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(60))
            }),
            _ => None,
        };
        Self {
            reason: trouble.reason.clone(),
            http_status: answer.map(|answer| answer.status),
            latency_ms: answer.map_or(0, latency_ms),
            wait,
        }
    }
}

fn why(error: &Error) -> String {
    match error {
        Error::TimedOut(_) => format!("no answer in time: {error}"),
        other => other.to_string(),
    }
}

fn timeout_of(courier: &Courier) -> Duration {
    let seconds = courier
        .definition
        .connection
        .as_ref()
        .map_or(15, |connection| connection.timeout_seconds);
    Duration::from_secs(u64::from(seconds))
}

fn latency_ms(answer: &Answer) -> u64 {
    u64::try_from(answer.elapsed.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn could_not(at: Timestamp, reason: String) -> PollReport {
    PollReport {
        at,
        outcome: PollOutcome::CouldNotAsk,
        reason,
        http_status: None,
        latency_ms: 0,
        excerpt: None,
        reading: None,
        next_check_at: None,
    }
}

/// Codes shown of those that are in no table.
const UNKNOWN_CODES_SHOWN: usize = 5;

/// Which of the courier's codes are in no table; empty if none.
fn unknown_codes(reading: &Reading) -> String {
    let unknown = reading.checkpoints.iter().filter(|it| !it.classified);
    let mut codes: Vec<&str> = unknown
        .map(|it| it.code.as_deref().unwrap_or(&it.message))
        .collect();
    codes.sort_unstable();
    codes.dedup();
    if codes.is_empty() {
        return String::new();
    }
    let more = codes.len().saturating_sub(UNKNOWN_CODES_SHOWN);
    codes.truncate(UNKNOWN_CODES_SHOWN);
    let more = if more > 0 { " and others" } else { "" };
    format!("not in the courier's table: {}{more}", codes.join(", "))
}

fn report(at: Timestamp, answer: &Answer, outcome: Outcome) -> Result<PollReport, Failure> {
    let base = PollReport {
        http_status: Some(answer.status),
        latency_ms: latency_ms(answer),
        ..could_not(at, String::new())
    };
    Ok(match outcome {
        // A courier that knows the number and lists nothing has no data yet.
        Outcome::Reading(reading) if reading.checkpoints.is_empty() => PollReport {
            outcome: PollOutcome::NoDataYet,
            reason: "the courier lists no events yet".to_owned(),
            next_check_at: reading.next_check_at,
            reading: Some(reading),
            ..base
        },
        Outcome::Reading(reading) => PollReport {
            outcome: PollOutcome::Ok,
            reason: unknown_codes(&reading),
            next_check_at: reading.next_check_at,
            reading: Some(reading),
            ..base
        },
        Outcome::UnknownToCourier { reason } => PollReport {
            outcome: PollOutcome::UnknownToCourier,
            reason,
            ..base
        },
        Outcome::NoDataYet {
            reason,
            next_check_at,
        } => PollReport {
            outcome: PollOutcome::NoDataYet,
            reason,
            next_check_at,
            ..base
        },
        Outcome::CouldNotRead { reason, excerpt } => PollReport {
            outcome: PollOutcome::CouldNotRead,
            reason,
            excerpt: Some(excerpt),
            ..base
        },
        Outcome::CouldNotAsk(trouble) => return Err(Failure::trouble(&trouble, Some(answer))),
    })
}
