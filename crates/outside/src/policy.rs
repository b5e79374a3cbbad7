//! What the operator lets through.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::{Error, addresses};

/// What a [`crate::Door`] lets through; the same for everyone who uses that door.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Networks let through besides the public ones, such as `127.0.0.0/8` for rehearsals.
    pub allow_networks: Vec<IpNet>,
    /// Ports that may be connected to.
    pub ports: Ports,
    /// The `User-Agent` of every request that names none itself.
    pub user_agent: String,
}

/// A set of ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ports {
    /// Every port.
    Any,
    /// These and no others.
    Only(Vec<u16>),
}

impl Policy {
    /// Whether a connection to this address is let through.
    pub(crate) fn check_address(&self, address: IpAddr) -> Result<(), Error> {
        let canonical = address.to_canonical();
        if self
            .allow_networks
            .iter()
            .any(|network| network.contains(&canonical))
        {
            return Ok(());
        }
        match addresses::blocked(canonical) {
            None => Ok(()),
            Some(reason) => Err(Error::Blocked { address, reason }),
        }
    }

    /// Whether this port is let through, both by the door and by the request's stricter rule.
    pub(crate) fn check_port(&self, port: u16, stricter: Option<&Ports>) -> Result<(), Error> {
        if self.ports.contains(port) && stricter.is_none_or(|ports| ports.contains(port)) {
            return Ok(());
        }
        Err(Error::Port(port))
    }
}

impl Ports {
    /// Whether the set holds this port.
    pub fn contains(&self, port: u16) -> bool {
        match self {
            Ports::Any => true,
            Ports::Only(ports) => ports.contains(&port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_network_opens_its_mapped_form_too_and_nothing_else() {
        let policy = Policy {
            allow_networks: vec!["127.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
            ports: Ports::Any,
            user_agent: "test".into(),
        };
        let passes = |address: &str| policy.check_address(address.parse().unwrap()).is_ok();
        assert!(passes("127.0.0.1"));
        assert!(passes("::ffff:127.0.0.1"));
        assert!(passes("fd12::1"));
        assert!(!passes("10.0.0.1"));
        assert!(!passes("::1"));
        assert!(!passes("fc00::1"));
    }

    #[test]
    fn the_stricter_rule_about_ports_counts() {
        let policy = Policy {
            allow_networks: vec![],
            ports: Ports::Only(vec![80, 443]),
            user_agent: "test".into(),
        };
        assert_eq!(policy.check_port(443, None), Ok(()));
        assert_eq!(policy.check_port(443, Some(&Ports::Any)), Ok(()));
        assert_eq!(
            policy.check_port(22, Some(&Ports::Any)),
            Err(Error::Port(22))
        );
        let only_tls = Ports::Only(vec![443]);
        assert_eq!(policy.check_port(80, Some(&only_tls)), Err(Error::Port(80)));
    }
}
