//! One asking, shown to whoever writes a courier's folder.

use waybill_couriers::{Courier, Outcome, Query, redact};
use waybill_service::PollReport;

use crate::{
    CourierOptions,
    ask::{Asker, Exchanged},
    report::could_not,
};

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

impl Asker {
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
}
