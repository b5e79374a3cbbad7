//! This node among those that share the database.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waybill_model::{Clock, NodeId};
use waybill_nodes::{InUse, Member, Roll, Standing, Who};
use waybill_storage::Storage;

use crate::cli::Role;

/// A node that beats until it leaves.
pub struct Membership {
    member: Arc<Member>,
    beating: JoinHandle<()>,
    left: CancellationToken,
}

/// What beating needs.
pub struct Parts {
    /// This node.
    pub id: NodeId,
    /// Where nodes meet.
    pub storage: Arc<dyn Storage>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where what is learned about couriers stands.
    pub standing: Standing,
    /// Who knows what of the couriers' limits is in use.
    pub in_use: Arc<dyn InUse>,
    /// Told how many nodes answer the API.
    pub api_nodes: waybill_api::Nodes,
}

impl Membership {
    /// Joins the others and beats from then on. A database that is away does not hold up the start.
    pub async fn begin(parts: Parts, roles: &[Role]) -> Self {
        let who = Who {
            id: parts.id,
            roles: names(roles),
            shares: roles.contains(&Role::Workers),
        };
        let Parts {
            id,
            storage,
            clock,
            standing,
            in_use,
            api_nodes,
        } = parts;
        let member = Arc::new(Member::new(who, storage, clock, standing, in_use));
        match member.beat().await {
            Ok(roll) => count(&api_nodes, &roll, id),
            Err(error) => tracing::warn!(%error, "this node could not join the others yet"),
        }
        let left = CancellationToken::new();
        let beating = tokio::spawn({
            let (member, left) = (member.clone(), left.clone());
            async move {
                member.run(left, |roll| count(&api_nodes, roll, id)).await;
            }
        });
        Self {
            member,
            beating,
            left,
        }
    }

    /// Leaves; all that this node held is the others' at once.
    pub async fn end(self) {
        self.left.cancel();
        if let Err(error) = self.beating.await {
            tracing::error!(%error, "beating broke");
        }
        self.member.leave().await;
    }
}

fn names(roles: &[Role]) -> String {
    let mut names = Vec::new();
    for (role, name) in [
        (Role::Api, "api"),
        (Role::Web, "web"),
        (Role::Workers, "workers"),
    ] {
        if roles.contains(&role) {
            names.push(name);
        }
    }
    names.join(",")
}

/// Tells how many nodes answer the API, and how many of them stand before this one.
fn count(api_nodes: &waybill_api::Nodes, roll: &Roll, own: NodeId) {
    let answering = roll.nodes.iter().filter(|node| node.does("api"));
    let (mut count, mut before) = (0, 0);
    for node in answering {
        count += 1;
        before += u32::from(node.id < own);
    }
    api_nodes.are(count, before);
}
