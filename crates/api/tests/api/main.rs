//! The API over a real service and a real database, without a socket.

mod batch;
mod connection;
mod errors;
mod headers;
mod hostile;
mod isolation;
mod lists;
mod rates;
mod replayed;
mod scopes;
mod search;
mod signatures;
mod support;
mod trackings;
mod webhooks;
