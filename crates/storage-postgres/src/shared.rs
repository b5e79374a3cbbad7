//! Connections that calls share: for reads, and for what is a statement by itself.
//!
//! A server takes the statements of a connection one by one, without a pause between them; so a call
//! joins the connection that has the fewest under way, and nobody waits for a free one.

use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared as Sharing},
};
use waybill_storage::{Result, Unavailable};

use crate::{session::Session, setup::Setup};

/// Connections of one process that calls share. More than the cores of a common server gain nothing,
/// and a server of common settings has a hundred for all nodes.
const CONNECTIONS: usize = 8;
/// Calls under way on one of them. Who comes when all are full is told so at once: what waits already
/// takes longer than anyone likes to.
const CALLS_LIMIT: usize = 128;

/// The connections.
pub struct Shared {
    setup: Setup,
    places: [Place; CONNECTIONS],
}

/// Where a connection is, or is being made: all who want it wait for the same.
#[derive(Default)]
struct Place {
    calls: AtomicUsize,
    connection: Mutex<Option<Connection>>,
}

type Connection = Sharing<BoxFuture<'static, Result<Arc<Session>>>>;

impl Shared {
    /// No connection is made yet.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            places: Default::default(),
        }
    }

    /// A connection for one call, which must leave no transaction open.
    pub async fn get(&self) -> Result<Joined<'_>> {
        let calls = |place: &&Place| place.calls.load(Ordering::Relaxed);
        let place = self.places.iter().min_by_key(calls);
        let place = place.filter(|place| calls(place) < CALLS_LIMIT);
        let place = place.ok_or_else(|| {
            Unavailable(format!(
                "{CONNECTIONS} connections to the database have {CALLS_LIMIT} calls each"
            ))
        })?;
        place.calls.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(place);
        let session = place.connection(&self.setup).await?;
        Ok(Joined {
            session,
            _counted: counted,
        })
    }
}

impl Place {
    fn connection(&self, setup: &Setup) -> Connection {
        // A place is whole at every moment.
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = &*connection {
            match connection.peek() {
                Some(Ok(session)) if session.is_free() => return connection.clone(),
                None => return connection.clone(),
                Some(_) => {}
            }
        }
        let setup = setup.clone();
        let connecting = async move { Ok(Arc::new(Session::connect(&setup).await?)) };
        connection.insert(connecting.boxed().shared()).clone()
    }
}

/// A call that is under way.
struct Counted<'a>(&'a Place);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that was joined.
pub struct Joined<'a> {
    session: Arc<Session>,
    _counted: Counted<'a>,
}

impl Deref for Joined<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}
