//! Resolving names, with every address filtered at the moment of connecting.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Error, Policy};

/// How many addresses of one name are tried; more only stretch a failing connect.
const MAX_ADDRESSES: usize = 16;

/// The system's resolver behind the address filter. The client connects to what this returns and
/// asks nobody else, so a name cannot change between check and use.
pub(crate) struct FilteredNames(pub(crate) Arc<Policy>);

impl Resolve for FilteredNames {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.0);
        Box::pin(async move {
            // Port 0 stands for the URL's own port.
            let found = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|error| Error::Dns(format!("{}: {error}", name.as_str())))?;
            let passed = filter(found, &policy, name.as_str())?;
            Ok(Box::new(passed.into_iter()) as Addrs)
        })
    }
}

/// The addresses that pass; if none does, why the first one was refused.
fn filter(
    found: impl Iterator<Item = SocketAddr>,
    policy: &Policy,
    name: &str,
) -> Result<Vec<SocketAddr>, Error> {
    let mut passed = Vec::new();
    let mut refused = None;
    for address in found.take(MAX_ADDRESSES) {
        match policy.check_address(address.ip()) {
            Ok(()) => passed.push(address),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    if passed.is_empty() {
        return Err(refused.unwrap_or_else(|| Error::Dns(format!("{name}: no addresses"))));
    }
    Ok(passed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ports;

    fn run(addresses: &[&str]) -> Result<Vec<String>, Error> {
        let policy = Policy {
            allow_networks: vec![],
            ports: Ports::Any,
            user_agent: "test".into(),
        };
        let found = addresses
            .iter()
            .map(|address| SocketAddr::new(address.parse().unwrap(), 0));
        let passed = filter(found, &policy, "parcels.test")?;
        Ok(passed
            .iter()
            .map(|address| address.ip().to_string())
            .collect())
    }

    #[test]
    fn blocked_addresses_of_a_name_are_dropped() {
        let passed = run(&["127.0.0.1", "8.8.8.8", "::1", "10.0.0.1", "2606:4700::1111"]);
        assert_eq!(passed.unwrap(), ["8.8.8.8", "2606:4700::1111"]);
    }

    #[test]
    fn a_name_with_blocked_addresses_only_is_refused_with_the_first_reason() {
        let refused = run(&["169.254.169.254", "::1"]).unwrap_err();
        let Error::Blocked { address, reason } = refused else {
            panic!("{refused}");
        };
        assert_eq!(
            (address.to_string().as_str(), reason),
            ("169.254.169.254", "link-local")
        );
        assert!(matches!(run(&[]), Err(Error::Dns(_))));
    }
}
