//! Who is told of a tracking, as versions up to 2024-04 ask for it: lists of addresses.
//!
//! The addresses are those of the tracking's customers, which newer versions write as a whole. An
//! address that is added goes to a customer who has no name of their own, or to a new one; one that is
//! removed is taken from its customer, of whom everything else stays.

use serde_json::{Value, json};
use waybill_model::{Customer, OrganizationId};
use waybill_storage::{Append, EventKind, WriteSet};
use waybill_versions::{GivenNotification, Problem};

use crate::Service;

/// Documented: customers of a tracking, and addresses of each kind.
const MOST: usize = 3;

/// One of the two kinds of address.
#[derive(Clone, Copy)]
struct Kind {
    /// Its list on the wire.
    list: &'static str,
    of: fn(&Customer) -> &Option<String>,
    of_mut: fn(&mut Customer) -> &mut Option<String>,
}

const EMAILS: Kind = Kind {
    list: "emails",
    of: |customer| &customer.email,
    of_mut: |customer| &mut customer.email,
};
const SMSES: Kind = Kind {
    list: "smses",
    of: |customer| &customer.phone_number,
    of_mut: |customer| &mut customer.phone_number,
};

impl Service {
    /// The addresses that are told of a tracking.
    pub async fn notification(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Value, Problem> {
        let draft = self.meant(organization, id).await?;
        Ok(shown(&draft.record.details.customers))
    }

    /// Adds addresses; those that are told already change nothing.
    pub async fn add_notification(
        &self,
        organization: OrganizationId,
        id: &str,
        given: GivenNotification,
    ) -> Result<Value, Problem> {
        let given = &given;
        self.change_notification(organization, id, |customers| {
            add(customers, EMAILS, &given.emails)?;
            add(customers, SMSES, &given.smses)
        })
        .await
    }

    /// Removes addresses; those that are not told change nothing.
    pub async fn remove_notification(
        &self,
        organization: OrganizationId,
        id: &str,
        given: GivenNotification,
    ) -> Result<Value, Problem> {
        let given = &given;
        self.change_notification(organization, id, |customers| {
            remove(customers, EMAILS, &given.emails);
            remove(customers, SMSES, &given.smses);
            customers.retain(|customer| *customer != Customer::default());
            Ok(())
        })
        .await
    }

    async fn change_notification(
        &self,
        organization: OrganizationId,
        id: &str,
        change: impl Fn(&mut Vec<Customer>) -> Result<(), Problem>,
    ) -> Result<Value, Problem> {
        let change = &change;
        self.decide_once(
            async || {
                let now = self.now();
                let mut set = WriteSet::new(organization);
                let mut draft = self.meant(organization, id).await?;
                let key = draft.row.key;
                let customers = &mut draft.record.details.customers;
                let before = customers.clone();
                change(customers)?;
                let (shown, changed) = (shown(customers), *customers != before);
                if changed {
                    let fields = json!({ "customers": customers });
                    let what = json!({"id": key.id(), "fields": fields});
                    set.events
                        .push(self.note(EventKind::TrackingEdited, key, now, &what));
                    set.append.push(Append::Unsearchable(key));
                    self.advance(&mut set, draft, Vec::new(), now);
                }
                Ok((set, shown))
            },
            |_| None,
        )
        .await
    }
}

fn shown(customers: &[Customer]) -> Value {
    let list = |kind: Kind| -> Vec<&String> {
        customers
            .iter()
            .filter_map(|it| (kind.of)(it).as_ref())
            .collect()
    };
    json!({ EMAILS.list: list(EMAILS), SMSES.list: list(SMSES) })
}

fn add(customers: &mut Vec<Customer>, kind: Kind, addresses: &[String]) -> Result<(), Problem> {
    for address in addresses {
        let is_known = |customer: &Customer| is_same((kind.of)(customer).as_ref(), address);
        if customers.iter().any(is_known) {
            continue;
        }
        let has_room = |customer: &Customer| (kind.of)(customer).is_none();
        let nameless = |customer: &Customer| has_room(customer) && customer.name.is_none();
        let at = customers.iter().position(nameless).or_else(|| {
            let is_full = customers.len() >= MOST;
            is_full
                .then(|| customers.iter().position(has_room))
                .flatten()
        });
        let customer = match at {
            Some(at) => customers.get_mut(at),
            None if customers.len() < MOST => {
                customers.push(Customer::default());
                customers.last_mut()
            }
            None => None,
        };
        let Some(customer) = customer else {
            return Err(Problem::invalid(
                kind.list,
                &format!("A tracking has {MOST} at most."),
            ));
        };
        *(kind.of_mut)(customer) = Some(address.clone());
    }
    Ok(())
}

fn remove(customers: &mut [Customer], kind: Kind, addresses: &[String]) {
    for customer in customers {
        let known = (kind.of_mut)(customer);
        if addresses
            .iter()
            .any(|address| is_same(known.as_ref(), address))
        {
            *known = None;
        }
    }
}

/// Addresses of mail are the same in any case.
fn is_same(known: Option<&String>, address: &str) -> bool {
    known.is_some_and(|known| known.eq_ignore_ascii_case(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Customer {
        Customer {
            name: Some("Ada".to_owned()),
            phone_number: Some("+4930123456".to_owned()),
            ..Customer::default()
        }
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_added_goes_to_nobody_elses_name() {
        let mut customers = vec![ada()];
        add(
            &mut customers,
            EMAILS,
            &texts(&["a@example.com", "b@example.com"]),
        )
        .expect("room");
        add(
            &mut customers,
            SMSES,
            &texts(&["+4930123456", "+4930777777"]),
        )
        .expect("room");
        assert_eq!(customers[0], ada());
        assert_eq!(
            shown(&customers),
            json!({"emails": ["a@example.com", "b@example.com"], "smses": ["+4930123456", "+4930777777"]})
        );
        // Three customers are all there may be, so the third address is hers.
        add(
            &mut customers,
            EMAILS,
            &texts(&["A@EXAMPLE.COM", "c@example.com"]),
        )
        .expect("room");
        assert_eq!(
            (customers.len(), customers[0].email.as_deref()),
            (3, Some("c@example.com"))
        );
        let refused = add(&mut customers, EMAILS, &texts(&["d@example.com"])).expect_err("full");
        assert!(refused.message.contains("`emails`"), "{}", refused.message);
    }

    #[test]
    fn what_is_removed_leaves_the_rest_of_its_customer() {
        let mut customers = vec![ada()];
        add(&mut customers, EMAILS, &texts(&["a@example.com"])).expect("room");
        remove(
            &mut customers,
            EMAILS,
            &texts(&["A@example.com", "nobody@example.com"]),
        );
        remove(&mut customers, SMSES, &texts(&["+4930123456"]));
        assert_eq!(customers[0].name.as_deref(), Some("Ada"));
        assert_eq!(customers[1], Customer::default());
        assert_eq!(shown(&customers), json!({"emails": [], "smses": []}));
    }
}
