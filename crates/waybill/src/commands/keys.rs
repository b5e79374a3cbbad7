//! `waybill keys`

use serde_json::json;
use waybill_service::NewKey;
use waybill_storage::Authentication;

use super::{open, organization};
use crate::{
    cli::{KeyAuthentication, Keys},
    failure::Failure,
    terminal::say,
};

/// What every public key in PEM begins with.
const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";

pub(super) async fn run(command: Keys) -> Result<(), Failure> {
    match command {
        Keys::Create {
            name,
            auth,
            public_key,
            scopes,
            json,
            of,
        } => {
            let public_key = match (auth, public_key) {
                (KeyAuthentication::Rsa, Some(file)) => Some(read_pem(&file)?),
                (KeyAuthentication::Rsa, None) => {
                    return Err(Failure::usage("--auth rsa needs --public-key FILE"));
                }
                (_, Some(_)) => return Err(Failure::usage("--public-key goes with --auth rsa")),
                (_, None) => None,
            };
            let authentication = match auth {
                KeyAuthentication::ApiKey => Authentication::ApiKey,
                KeyAuthentication::Aes => Authentication::Aes,
                KeyAuthentication::Rsa => Authentication::Rsa,
            };
            let node = open(&of.common).await?;
            let organization = organization(&node, &of).await?;
            let new = NewKey {
                name,
                authentication,
                public_key,
                scopes,
                key: None,
            };
            let issued = node.service.create_key(organization.id, new).await?;
            if json {
                say(format_args!(
                    "{}",
                    json!({ "key": issued.key, "secret": issued.secret })
                ));
            } else {
                say(format_args!("key     {}", issued.key));
                if let Some(secret) = issued.secret {
                    say(format_args!("secret  {secret}"));
                }
                eprintln!("Keep it: it is not shown again.");
            }
        }
        Keys::List { of } => {
            let node = open(&of.common).await?;
            let organization = organization(&node, &of).await?;
            for key in node.service.keys(organization.id).await? {
                let state = if key.revoked_at.is_some() {
                    "revoked"
                } else {
                    "live"
                };
                let used = key
                    .last_used_at
                    .map_or_else(|| "never used".to_owned(), |at| format!("used {at:.0}"));
                say(format_args!(
                    "{}  {}…  {:8}  {:8}  {}  {}  {}",
                    key.id,
                    key.prefix,
                    key.authentication.as_str(),
                    state,
                    used,
                    key.scopes.join(","),
                    key.name
                ));
            }
        }
        Keys::Revoke { key, of } => {
            let node = open(&of.common).await?;
            let organization = organization(&node, &of).await?;
            if !node.service.revoke_key(organization.id, &key).await? {
                return Err(Failure::failed(format!(
                    "there is no key `{key}`; `waybill keys list` shows them"
                )));
            }
            say("revoked; it stops working everywhere within 5 seconds");
        }
    }
    Ok(())
}

fn read_pem(file: &std::path::Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", file.display())))?;
    if !text.trim_start().starts_with(PEM_BEGIN) {
        return Err(Failure::usage(format!(
            "{} holds no public key: it must begin with {PEM_BEGIN}",
            file.display()
        )));
    }
    Ok(text)
}
