//! A courier's own message: is it the courier's, and what does it say of which numbers.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::{
    Courier, Credentials, HttpAnswer, Outcome, PushSignature, Told,
    output::{Said, interpret},
};

/// Bytes of a message; couriers send some hundred numbers in one.
pub const MAX_PUSH_BYTES: usize = 1024 * 1024;
/// Fields of a message that is a form.
const MAX_FORM_FIELDS: usize = 100;

/// Why a message is not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushFault {
    /// The courier sends none.
    #[error("this courier pushes nothing")]
    NoPush,
    /// The credential that it is signed with is not set.
    #[error("the credential `{0}` is not set")]
    MissingCredential(String),
    /// The signature is missing or wrong.
    #[error("the signature is missing or wrong")]
    Forged,
    /// It is no message of this courier.
    #[error("{0}")]
    Unreadable(String),
}

impl Courier {
    /// Checks and reads a message of the courier's: what it says of each number. The status of `message`
    /// is not looked at.
    pub fn read_push(
        &self,
        message: &HttpAnswer<'_>,
        credentials: &Credentials,
    ) -> Result<Vec<Told>, PushFault> {
        let push = self.definition.push.as_ref().ok_or(PushFault::NoPush)?;
        if message.body.len() > MAX_PUSH_BYTES {
            let reason = format!("the message is longer than {MAX_PUSH_BYTES} bytes");
            return Err(PushFault::Unreadable(reason));
        }
        prove(&push.signature, message, credentials)?;
        self.read_message(message)
    }

    /// Reads a message, whoever sent it.
    pub(crate) fn read_message(&self, message: &HttpAnswer<'_>) -> Result<Vec<Told>, PushFault> {
        let programs = self.programs.as_ref().ok_or(PushFault::NoPush)?;
        let program = programs.push.as_ref().ok_or(PushFault::NoPush)?;
        let complete = self.connection().is_some_and(|it| it.complete);
        let read = || {
            let input = json!({"headers": message.headers_as_json(), "body": body(message)?});
            let output = program.run(input).map_err(|error| error.to_string())?;
            match interpret(output, complete)? {
                Said::Shipments(shipments) => shipments.all(&programs.statuses),
                // A message about nothing, such as a test of the address.
                Said::OfAll(outcome) if matches!(*outcome, Outcome::NoDataYet { .. }) => {
                    Ok(Vec::new())
                }
                Said::OfAll(_) => Err("shipments or no_data_yet is wanted".to_owned()),
            }
        };
        read().map_err(|reason| PushFault::Unreadable(format!("push.jq: {reason}")))
    }
}

fn prove(
    signature: &PushSignature,
    message: &HttpAnswer<'_>,
    credentials: &Credentials,
) -> Result<(), PushFault> {
    let Some(name) = signature.credential() else {
        return Ok(());
    };
    let secret = credentials.get(name).filter(|it| !it.trim().is_empty());
    let secret = secret.ok_or_else(|| PushFault::MissingCredential(name.to_owned()))?;
    let (header, expected) = match signature {
        PushSignature::None => return Ok(()),
        PushSignature::Secret { header, .. } => (header, secret.clone()),
        PushSignature::Hmac {
            header,
            prefix,
            algorithm,
            encoding,
            fields,
            ..
        } => {
            let signed = signed(message, fields).ok_or(PushFault::Forged)?;
            let digest = algorithm.keyed(secret.as_bytes(), &signed);
            (header, format!("{prefix}{}", encoding.write(&digest)))
        }
    };
    let given = message.header(header).ok_or(PushFault::Forged)?;
    if same(given.trim().as_bytes(), expected.as_bytes()) {
        Ok(())
    } else {
        Err(PushFault::Forged)
    }
}

/// What is signed: the body, or the texts of these fields of it.
fn signed<'a>(message: &HttpAnswer<'a>, fields: &[String]) -> Option<Cow<'a, [u8]>> {
    if fields.is_empty() {
        return Some(Cow::Borrowed(message.body));
    }
    let body = message.body_as_json().ok()?;
    let texts = fields.iter().map(|field| body.get(field)?.as_str());
    let text: String = texts.collect::<Option<_>>()?;
    Some(Cow::Owned(text.into_bytes()))
}

/// Compares in a time that tells nothing of where the first difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differences = one
        .iter()
        .zip(other)
        .fold(0, |differences, (a, b)| differences | (a ^ b));
    one.len() == other.len() && differences == 0
}

/// The body as programs see it: a form as an object of texts, else as [`HttpAnswer::body_as_json`].
fn body(message: &HttpAnswer<'_>) -> Result<Value, String> {
    let form = message
        .header("content-type")
        .is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"));
    if !form {
        return message.body_as_json();
    }
    let text = std::str::from_utf8(message.body).map_err(|_| "the form is not UTF-8")?;
    let mut fields = Map::new();
    for pair in text.split('&').take(MAX_FORM_FIELDS) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fields.insert(decoded(name)?, Value::String(decoded(value)?));
    }
    Ok(Value::Object(fields))
}

/// A part of a form as text.
fn decoded(part: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|it| it.unwrap_or(b'!'));
                let digits = std::str::from_utf8(&digits).unwrap_or_default();
                u8::from_str_radix(digits, 16).map_err(|_| "the form is wrongly encoded")?
            }
            byte => byte,
        };
        bytes.push(decoded);
    }
    String::from_utf8(bytes).map_err(|_| "the form is not UTF-8".to_owned())
}
