//! The API over a real service and a real database, without a socket.

mod api_keys;
mod batch;
mod connection;
mod courier_activation;
mod courier_connections;
mod errors;
mod headers;
mod hostile;
mod isolation;
mod lists;
mod locations;
mod notifications;
mod once;
mod predict;
mod push;
mod rates;
mod replayed;
mod scopes;
mod search;
mod signatures;
mod support;
mod trackings;
mod unchanged;
mod versions;
mod webhooks;
