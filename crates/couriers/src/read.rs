//! From an answer to an outcome.

use serde_json::json;

use crate::{Courier, HttpAnswer, Outcome, Query, answer::general_trouble, output::interpret};

impl Courier {
    /// Reads a courier's answer to [`Courier::ask`]. Whatever comes, this ends soon and never fails:
    /// what cannot be read is an outcome too.
    pub fn read(&self, query: &Query, answer: &HttpAnswer<'_>) -> Outcome {
        let unreadable = |reason: String| Outcome::CouldNotRead {
            reason,
            excerpt: answer.excerpt(),
        };
        let (Some(connection), Some(programs)) = (self.connection(), &self.programs) else {
            return unreadable("the courier has no connection".to_owned());
        };
        if let Some(trouble) = general_trouble(answer, Some(query.now)) {
            return Outcome::CouldNotAsk(trouble);
        }
        let body = match answer.body_as_json() {
            Ok(body) => body,
            Err(reason) => return unreadable(reason),
        };
        let input = json!({
            "status": answer.status,
            "headers": answer.headers_as_json(),
            "body": body,
            "query": query.to_json(),
        });
        let read = programs
            .read
            .run(input)
            .map_err(|error| error.to_string())
            .and_then(|output| {
                interpret(
                    output,
                    &query.number,
                    &programs.statuses,
                    connection.complete,
                )
            });
        read.unwrap_or_else(|reason| unreadable(format!("read.jq: {reason}")))
    }
}
