//! How secure connections are made: rustls with ring, HTTP/2 offered before HTTP/1.1.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

use crate::Error;

/// The client's side of TLS. The ring provider is named here instead of relying on one installed
/// for the process, so that nobody has to install it first.
pub(crate) fn config() -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls(error.to_string()))?
        .with_root_certificates(roots())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The system's roots, so that an operator's own authority counts and a withdrawn one does not;
/// Mozilla's list as compiled in where the system has none (a container from scratch).
fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}
