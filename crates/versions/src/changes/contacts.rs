//! Customers as the lists of addresses that versions up to 2024-10 know.
//!
//! An older client's list says which addresses are told, not who has them. So what is still told
//! stays with its customer, what is told no more is taken from its customer, and what is new goes to
//! a customer without such an address, or a new one. Names, roles and languages stay.

use serde_json::{Map, Value, json};

use crate::requests::details::CUSTOMERS;

pub(super) fn emails(values: &[Value]) -> Value {
    addresses(values, "email")
}

pub(super) fn smses(values: &[Value]) -> Value {
    addresses(values, "phone_number")
}

/// The first name.
pub(super) fn name(values: &[Value]) -> Value {
    let names = addresses(values, "name");
    names.get(0).cloned().unwrap_or(Value::Null)
}

pub(super) fn lift_emails(body: &mut Map<String, Value>, current: &Map<String, Value>) {
    lift_addresses(body, current, "emails", "email");
}

pub(super) fn lift_smses(body: &mut Map<String, Value>, current: &Map<String, Value>) {
    lift_addresses(body, current, "smses", "phone_number");
}

/// The first name is changed; where nobody has one, the first customer gets it.
pub(super) fn lift_name(body: &mut Map<String, Value>, current: &Map<String, Value>) {
    let Some(given) = body.remove("customer_name") else {
        return;
    };
    let mut customers = customers(body, current);
    let named = customers.iter().position(|customer| has(customer, "name"));
    if let Some(customer) = customers.get_mut(named.unwrap_or(0)) {
        customer.insert("name".to_owned(), given);
    } else if !given.is_null() {
        customers.push(Map::from_iter([("name".to_owned(), given)]));
    }
    put(body, customers);
}

/// The customers as versions know them that do not know their `id`.
pub(super) fn without_ids(values: &[Value]) -> Value {
    let mut customers = values.first().cloned().unwrap_or(Value::Null);
    for customer in customers.as_array_mut().into_iter().flatten() {
        if let Some(customer) = customer.as_object_mut() {
            customer.remove("id");
        }
    }
    customers
}

/// Customers of a version that does not know their `id`: who is recognised keeps it.
pub(super) fn keep_ids(body: &mut Map<String, Value>, current: &Map<String, Value>) {
    let known = customers(&Map::new(), current);
    let given = body.get_mut("customers").and_then(Value::as_array_mut);
    for customer in given.into_iter().flatten().filter_map(Value::as_object_mut) {
        let same = |part: &str| {
            known.iter().find(|known| {
                has(known, part) && has(known, "id") && known.get(part) == customer.get(part)
            })
        };
        let same = same("email")
            .or_else(|| same("phone_number"))
            .or_else(|| same("name"));
        if let Some(id) = same
            .and_then(|known| known.get("id"))
            .filter(|_| !has(customer, "id"))
        {
            customer.insert("id".to_owned(), id.clone());
        }
    }
}

fn addresses(values: &[Value], part: &str) -> Value {
    let customers = values
        .first()
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    customers
        .filter_map(|customer| customer.get(part))
        .filter(|address| !address.is_null())
        .cloned()
        .collect()
}

fn lift_addresses(
    body: &mut Map<String, Value>,
    current: &Map<String, Value>,
    list: &str,
    part: &str,
) {
    let Some(given) = body.remove(list) else {
        return;
    };
    let given = given.as_array().cloned().unwrap_or_default();
    let mut customers = customers(body, current);
    let mut new = given.clone();
    for customer in &mut customers {
        let known = customer.get(part).filter(|address| !address.is_null());
        match known.and_then(|known| new.iter().position(|address| address == known)) {
            Some(at) => {
                new.remove(at);
            }
            None => {
                customer.remove(part);
            }
        }
    }
    for address in new {
        // A nameless customer first: a name and an address that do not belong together are worse
        // than two customers.
        let free = |nameless: bool| {
            move |customer: &Map<String, Value>| {
                !(has(customer, part) || nameless && has(customer, "name"))
            }
        };
        let at = customers.iter().position(free(true)).or_else(|| {
            (customers.is_empty() || customers.len() >= CUSTOMERS || current.is_empty())
                .then(|| customers.iter().position(free(false)))
                .flatten()
        });
        if let Some(customer) = at.and_then(|at| customers.get_mut(at)) {
            customer.insert(part.to_owned(), address);
        } else {
            customers.push(Map::from_iter([(part.to_owned(), address)]));
        }
    }
    put(body, customers);
}

/// The customers so far: of this body, else as they are.
fn customers(body: &Map<String, Value>, current: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let customers = body.get("customers").or_else(|| current.get("customers"));
    let customers = customers.and_then(Value::as_array).into_iter().flatten();
    customers.filter_map(Value::as_object).cloned().collect()
}

/// Customers of whom nothing is left are none.
fn put(body: &mut Map<String, Value>, mut customers: Vec<Map<String, Value>>) {
    customers.retain(|customer| customer.values().any(|value| !value.is_null()));
    body.insert("customers".to_owned(), json!(customers));
}

fn has(customer: &Map<String, Value>, part: &str) -> bool {
    customer.get(part).is_some_and(|value| !value.is_null())
}
