//! The door itself.
//!
//! Limits that are the HTTP library's and fit: at most 100 headers and about 400 KB of head in an
//! HTTP/1.1 answer, 16 KB of headers in an HTTP/2 answer; a larger head is [`Error::Protocol`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use reqwest::{Client, Url};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};

use crate::names::FilteredNames;
use crate::{Answer, Answerer, Error, Incomplete, Policy, Request, target, tls};

/// Connections kept open to one host and port; as many as are busy at once with one courier or
/// receiver in practice.
const MAX_IDLE_PER_HOST: usize = 8;

/// How long an idle connection is kept: longer than the pause between two polls of a busy courier,
/// shorter than the minutes after which firewalls forget a connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

/// How many different connect limits have a pool of their own at a time (the limit belongs to the
/// client's connector). Callers use one or two; the bound is against a caller that computes them.
const MAX_POOLS: usize = 8;

/// The one door for outgoing connections. Make one per process and share it in an `Arc`: the pool
/// of open connections is in it.
pub struct Door {
    policy: Arc<Policy>,
    tls: ClientConfig,
    pools: Mutex<Vec<(Duration, Client)>>,
    answerers: BTreeMap<String, Arc<dyn Answerer>>,
}

impl Door {
    /// A door with this policy. Fails where TLS cannot be set up or the user agent is no header
    /// value.
    pub fn new(policy: Policy) -> Result<Door, Error> {
        let door = Door {
            policy: Arc::new(policy),
            tls: tls::config()?,
            pools: Mutex::new(Vec::new()),
            answerers: BTreeMap::new(),
        };
        // Building one client now turns a bad policy into an error at start.
        door.client(Request::CONNECT_TIMEOUT)?;
        Ok(door)
    }

    /// Answers this scheme inside the process. `http` and `https` stay what they are.
    #[must_use]
    pub fn with_answerer(mut self, scheme: &str, answerer: Arc<dyn Answerer>) -> Door {
        self.answerers.insert(scheme.to_ascii_lowercase(), answerer);
        self
    }

    /// Sends one request and reads its answer, once: no redirect is followed and nothing repeated.
    /// Any HTTP status is an `Ok`. Dropping the future ends the exchange.
    pub async fn send(&self, request: Request) -> Result<Answer, Error> {
        let url = target::read(&request.url)?;
        if !target::is_network(url.scheme())
            && let Some(answerer) = self.answerers.get(url.scheme())
        {
            return cut(answerer.answer(&request)?, &request);
        }
        target::check(&url, &request, &self.policy)?;
        self.exchange(url, request).await
    }

    async fn exchange(&self, url: Url, request: Request) -> Result<Answer, Error> {
        let started = Instant::now();
        let too_late = || Error::TimedOut(request.timeout);
        let deadline = started + request.timeout;
        let understand =
            |error: reqwest::Error| Error::from_client(&error, request.connect_timeout);
        let mut outgoing = self
            .client(request.connect_timeout)?
            .request(request.method.clone(), url)
            .headers(target::headers(&request.headers)?);
        if let Some(body) = &request.body {
            outgoing = outgoing.body(body.clone());
        }
        let incoming = timeout_at(deadline, outgoing.send()).await;
        let mut incoming = incoming.map_err(|_| too_late())?.map_err(understand)?;
        let status = incoming.status().as_u16();
        let headers = incoming
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();

        let mut body = BytesMut::new();
        let mut incomplete = None;
        while incomplete.is_none() {
            let Ok(chunk) = timeout_at(deadline, incoming.chunk()).await else {
                if request.on_incomplete != Incomplete::Keep {
                    return Err(too_late());
                }
                incomplete = Some(too_late());
                break;
            };
            let Some(chunk) = chunk.map_err(understand)? else {
                break;
            };
            let room = request.max_answer_bytes - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                incomplete = Some(too_large(&request)?);
            }
        }
        Ok(Answer {
            status,
            headers,
            body: body.freeze(),
            incomplete,
            elapsed: started.elapsed(),
        })
    }

    /// The client with this connect limit; made on first use, the oldest dropped over
    /// [`MAX_POOLS`].
    fn client(&self, connect_timeout: Duration) -> Result<Client, Error> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = pools.iter().find(|(limit, _)| *limit == connect_timeout) {
            return Ok(client.clone());
        }
        let client = self.build_client(connect_timeout)?;
        if pools.len() == MAX_POOLS {
            pools.remove(0);
        }
        pools.push((connect_timeout, client.clone()));
        Ok(client)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that makes an HTTP client"
    )]
    fn build_client(&self, connect_timeout: Duration) -> Result<Client, Error> {
        Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .dns_resolver(FilteredNames(Arc::clone(&self.policy)))
            .user_agent(&self.policy.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(connect_timeout)
            .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build()
            .map_err(|error| Error::from_client(&error, connect_timeout))
    }
}

/// Holds an answer from inside the process to the same limit of size.
fn cut(mut answer: Answer, request: &Request) -> Result<Answer, Error> {
    if answer.body.len() <= request.max_answer_bytes {
        return Ok(answer);
    }
    answer.incomplete = Some(too_large(request)?);
    answer.body.truncate(request.max_answer_bytes);
    Ok(answer)
}

/// Why an answer that is too large is cut, where it may be.
fn too_large(request: &Request) -> Result<Error, Error> {
    let error = Error::TooLarge(request.max_answer_bytes);
    if request.on_incomplete == Incomplete::Refuse {
        return Err(error);
    }
    Ok(error)
}
