//! From an answer to an outcome.

use serde_json::{Value, json};

use crate::{
    Courier, HttpAnswer, Outcome, Query, Told,
    answer::general_trouble,
    courier::Programs,
    output::{Said, interpret},
};

/// The reason where a courier has no connection.
const NO_CONNECTION: &str = "the courier has no connection";

impl Courier {
    /// Reads a courier's answer to [`Courier::ask`]. Whatever comes, this ends soon and never fails:
    /// what cannot be read is an outcome too.
    pub fn read(&self, query: &Query, answer: &HttpAnswer<'_>) -> Outcome {
        let outcomes = self.read_batch(std::slice::from_ref(query), answer);
        // One question has one outcome.
        outcomes
            .into_iter()
            .next()
            .unwrap_or_else(|| unreadable(answer, NO_CONNECTION.to_owned()))
    }

    /// Reads a courier's answer to [`Courier::ask_batch`]: an outcome for each question, in their order.
    pub fn read_batch(&self, queries: &[Query], answer: &HttpAnswer<'_>) -> Vec<Outcome> {
        let for_all = |outcome: Outcome| vec![outcome; queries.len()];
        let (Some(first), Some(programs)) = (queries.first(), &self.programs) else {
            return for_all(unreadable(answer, NO_CONNECTION.to_owned()));
        };
        let input = |body| {
            json!({
                "status": answer.status,
                "headers": answer.headers_as_json(),
                "body": body,
                "query": Query::batch_to_json(queries),
            })
        };
        match self.said(programs, answer, Some(first.now), input) {
            Said::OfAll(outcome) => for_all(*outcome),
            Said::Shipments(mut shipments) => {
                let alone = queries.iter().all(|query| query.number == first.number);
                let mut outcomes: Vec<Outcome> = Vec::with_capacity(queries.len());
                for (place, query) in queries.iter().enumerate() {
                    // Two trackings may follow the same number.
                    let same = queries.iter().take(place);
                    let same = same
                        .zip(&outcomes)
                        .find(|(it, _)| it.number == query.number);
                    let outcome = same.map(|(_, outcome)| outcome.clone());
                    outcomes.push(outcome.unwrap_or_else(|| {
                        shipments
                            .take(&query.number, alone, &programs.statuses)
                            .unwrap_or_else(|reason| unreadable(answer, in_program(&reason)))
                    }));
                }
                outcomes
            }
        }
    }

    /// Reads an answer outside of any tracking, with all that is in it: what `waybill couriers check
    /// --samples` shows. Asked at the epoch, so that it depends on nothing but the answer.
    pub fn read_all(&self, answer: &HttpAnswer<'_>) -> Vec<Told> {
        let Some(programs) = &self.programs else {
            return of_all(unreadable(answer, NO_CONNECTION.to_owned()));
        };
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let query = Query::new("", epoch, epoch);
        let input = |body| {
            json!({
                "status": answer.status,
                "headers": answer.headers_as_json(),
                "body": body,
                "query": Query::batch_to_json(std::slice::from_ref(&query)),
            })
        };
        match self.said(programs, answer, None, input) {
            Said::OfAll(outcome) => of_all(*outcome),
            Said::Shipments(shipments) => shipments
                .all(&programs.statuses)
                .unwrap_or_else(|reason| of_all(unreadable(answer, in_program(&reason)))),
        }
    }

    fn said(
        &self,
        programs: &Programs,
        answer: &HttpAnswer<'_>,
        now: Option<jiff::Timestamp>,
        input: impl FnOnce(Value) -> Value,
    ) -> Said {
        let for_all = |outcome| Said::OfAll(Box::new(outcome));
        let Some(connection) = self.connection() else {
            return for_all(unreadable(answer, NO_CONNECTION.to_owned()));
        };
        if !connection.readable_statuses.contains(&answer.status)
            && let Some(trouble) = general_trouble(answer, now)
        {
            return for_all(Outcome::CouldNotAsk(trouble));
        }
        let body = match answer.body_as_json() {
            Ok(body) => body,
            Err(reason) => return for_all(unreadable(answer, reason)),
        };
        programs
            .read
            .run(input(body))
            .map_err(|error| error.to_string())
            .and_then(|output| interpret(output, connection.complete))
            .unwrap_or_else(|reason| for_all(unreadable(answer, in_program(&reason))))
    }
}

fn of_all(outcome: Outcome) -> Vec<Told> {
    vec![Told {
        number: None,
        outcome,
    }]
}

fn in_program(reason: &str) -> String {
    format!("read.jq: {reason}")
}

impl HttpAnswer<'_> {
    /// What comes of an answer whose end never came: what its status says, else that it could not be
    /// read, and why.
    pub fn cut_off(&self, reason: &str) -> Outcome {
        match general_trouble(self, None) {
            Some(trouble) => Outcome::CouldNotAsk(trouble),
            None => unreadable(self, reason.to_owned()),
        }
    }
}

fn unreadable(answer: &HttpAnswer<'_>, reason: String) -> Outcome {
    Outcome::CouldNotRead {
        reason,
        excerpt: answer.excerpt(),
    }
}
