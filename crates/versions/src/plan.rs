//! Answers of the newest version as those of an older one.
//!
//! The changes between are composed once into a plan per version and shape: which fields the older
//! answer has, in which order, and where each comes from. A document is then read in one pass that
//! only finds where its fields begin and end. Most are copied as text; only what has another shape
//! is parsed. The newest version has no plan: its answers are what is stored.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use serde_json::Value;

use crate::{
    Model, Problem, Version,
    change::{Change, Changes, Lower, Older},
    changes::down_to,
    fields::Field,
    members::{Members, elements, members},
};

/// What marks a field that only old versions can say.
const LEGACY: &str = "legacy.";

static PLANS: LazyLock<HashMap<(Version, Model), Plan>> = LazyLock::new(|| {
    let models = Model::ALL.iter().copied();
    models
        .flat_map(|model| Version::ALL.map(|version| ((version, model), Plan::new(version, model))))
        .collect()
});

/// An answer of the newest version as this version has it. `legacy` is an object of what only old
/// versions can say of the same thing.
///
/// # Errors
/// 500, only if the text is no object that we wrote.
pub fn lower<'a>(
    version: Version,
    model: Model,
    newest: &'a str,
    legacy: Option<&str>,
) -> Result<Cow<'a, str>, Problem> {
    if version == Version::NEWEST {
        return Ok(Cow::Borrowed(newest));
    }
    let plan = PLANS.get(&(version, model)).ok_or_else(Problem::internal)?;
    if plan.is_identity {
        return Ok(Cow::Borrowed(newest));
    }
    let legacy = legacy.map_or_else(|| Some(Vec::new()), members);
    let mut lowered = String::with_capacity(newest.len() + newest.len() / 8);
    let legacy = legacy.ok_or_else(Problem::internal)?;
    plan.write(newest, &legacy, &mut lowered)
        .ok_or_else(Problem::internal)?;
    Ok(Cow::Owned(lowered))
}

/// The body of an event, whose `msg` is a Tracking.
///
/// # Errors
/// 500, only if the text is no event that we wrote.
pub fn lower_event<'a>(
    version: Version,
    event: &'a str,
    legacy: Option<&str>,
) -> Result<Cow<'a, str>, Problem> {
    if version == Version::NEWEST {
        return Ok(Cow::Borrowed(event));
    }
    let mut lowered = String::with_capacity(event.len());
    for (name, value) in members(event).ok_or_else(Problem::internal)? {
        lowered.push(if lowered.is_empty() { '{' } else { ',' });
        push_name(name, &mut lowered);
        if name == "msg" {
            lowered.push_str(&lower(version, Model::Tracking, value, legacy)?);
        } else {
            lowered.push_str(value);
        }
    }
    lowered.push('}');
    Ok(Cow::Owned(lowered))
}

/// A composed plan.
#[derive(Debug, Clone)]
struct Plan {
    model: Model,
    /// The fields of the older answer.
    outputs: Vec<(&'static str, Source)>,
    /// How many fields the shape had where the plan began.
    began_with: usize,
    is_identity: bool,
}

/// Where a field of the older answer comes from.
#[derive(Debug, Clone)]
enum Source {
    /// A field of the newest document, with the plan of its objects.
    Field(&'static str, Option<Box<Plan>>),
    /// Another source with some values replaced.
    Values(Box<Source>, &'static [(&'static str, &'static str)]),
    /// Made of other sources, with the plan of the objects that are made.
    Made(Vec<Source>, Lower, Option<Box<Plan>>),
    /// Made of another source.
    Recast(Box<Source>, fn(Value) -> Value, Option<Box<Plan>>),
}

impl Plan {
    fn new(version: Version, model: Model) -> Self {
        let mut plan = Self::identity(model, &model.newest(), &Model::newest);
        for changes in down_to(version) {
            plan.go_down(changes);
        }
        plan.settle();
        plan
    }

    /// The plan that changes nothing of a shape with these fields.
    fn identity(model: Model, fields: &[Field], inner: &dyn Fn(Model) -> Vec<Field>) -> Self {
        let outputs = fields.iter().map(|field| {
            let plan = field.kind.model().map(|model| {
                let fields = inner(model);
                Box::new(Self::identity(model, &fields, inner))
            });
            (field.name, Source::Field(field.name, plan))
        });
        Self {
            model,
            outputs: outputs.collect(),
            began_with: fields.len(),
            is_identity: false,
        }
    }

    fn go_down(&mut self, changes: &'static Changes) {
        let newer = self.outputs.clone();
        for (_, source) in &mut self.outputs {
            source.go_down(changes);
        }
        for change in changes.of(self.model) {
            self.change(change, &newer, changes.older);
        }
    }

    fn change(&mut self, change: &Change, newer: &[(&'static str, Source)], version: Version) {
        let at = |outputs: &[(&str, Source)], name: &str| {
            outputs.iter().position(|(output, _)| *output == name)
        };
        match change {
            Change::Rename { older, newer } => {
                for (name, _) in self.outputs.iter_mut().filter(|(name, _)| name == newer) {
                    *name = older;
                }
            }
            Change::Add(added) => self.outputs.retain(|(name, _)| name != added),
            Change::Remove(older) => {
                let made = (older.field.name, Source::made(older, newer, version));
                self.outputs.push(made);
            }
            Change::Reshape { older, newer: gone } => {
                let place = gone.first().and_then(|name| at(&self.outputs, name));
                self.outputs.retain(|(name, _)| !gone.contains(name));
                let place = place.unwrap_or(self.outputs.len()).min(self.outputs.len());
                let made = older
                    .iter()
                    .map(|older| (older.field.name, Source::made(older, newer, version)));
                self.outputs.splice(place..place, made);
            }
            Change::Recast(recast) => {
                if let Some((_, source)) = self
                    .outputs
                    .iter_mut()
                    .find(|(name, _)| *name == recast.field.name)
                {
                    let plan = plan_of(&recast.field, version);
                    *source = Source::Recast(Box::new(source.clone()), recast.lower, plan);
                }
            }
            Change::Values { field, pairs } => {
                if let Some((_, source)) = self.outputs.iter_mut().find(|(name, _)| name == field) {
                    *source = Source::Values(Box::new(source.clone()), pairs);
                }
            }
            Change::Only(kept) => self.outputs.retain(|(name, _)| kept.contains(name)),
        }
    }

    /// Drops the plans of parts that change nothing.
    fn settle(&mut self) {
        for (_, source) in &mut self.outputs {
            source.settle();
        }
        self.is_identity = self.outputs.len() == self.began_with
            && self
                .outputs
                .iter()
                .all(|(name, source)| matches!(source, Source::Field(from, None) if from == name));
    }

    /// Writes one object, a list of them, or what else stands in their place, such as null.
    fn write(&self, newest: &str, legacy: &Members<'_>, out: &mut String) -> Option<()> {
        match newest.as_bytes().first() {
            Some(b'{') => {
                let fields = members(newest)?;
                for (at, (name, source)) in self.outputs.iter().enumerate() {
                    out.push(if at == 0 { '{' } else { ',' });
                    push_name(name, out);
                    source.write(&fields, legacy, out)?;
                }
                out.push('}');
            }
            Some(b'[') => {
                out.push('[');
                for (at, element) in elements(newest)?.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    self.write(element, legacy, out)?;
                }
                out.push(']');
            }
            _ => out.push_str(newest),
        }
        Some(())
    }
}

impl Source {
    fn made(older: &Older, newer: &[(&'static str, Self)], version: Version) -> Self {
        let from = older.from.iter().map(|from| {
            let known = newer.iter().find(|(name, _)| name == from);
            known.map_or(Self::Field(from, None), |(_, source)| source.clone())
        });
        Self::Made(from.collect(), older.lower, plan_of(&older.field, version))
    }

    fn plan_mut(&mut self) -> Option<&mut Option<Box<Plan>>> {
        match self {
            Self::Field(_, plan) | Self::Made(_, _, plan) | Self::Recast(_, _, plan) => Some(plan),
            Self::Values(..) => None,
        }
    }

    fn go_down(&mut self, changes: &'static Changes) {
        if let Some(Some(plan)) = self.plan_mut() {
            plan.go_down(changes);
        }
    }

    fn settle(&mut self) {
        if let Some(plan) = self.plan_mut() {
            if let Some(inner) = plan {
                inner.settle();
            }
            if plan.as_ref().is_some_and(|inner| inner.is_identity) {
                *plan = None;
            }
        }
        match self {
            Self::Field(..) => {}
            Self::Values(of, _) | Self::Recast(of, _, _) => of.settle(),
            Self::Made(from, _, _) => from.iter_mut().for_each(Self::settle),
        }
    }

    /// The text of a source that is copied.
    fn copied<'a>(&self, fields: &Members<'a>, legacy: &Members<'a>) -> Option<&'a str> {
        let Self::Field(name, None) = self else {
            return None;
        };
        let (name, fields) = match name.strip_prefix(LEGACY) {
            Some(name) => (name, legacy),
            None => (*name, fields),
        };
        let known = fields.iter().find(|(field, _)| *field == name);
        Some(known.map_or("null", |(_, value)| value))
    }

    fn write<'a>(
        &self,
        fields: &Members<'a>,
        legacy: &Members<'a>,
        out: &mut String,
    ) -> Option<()> {
        if let Some(text) = self.copied(fields, legacy) {
            out.push_str(text);
            return Some(());
        }
        match self {
            Self::Field(name, plan) => {
                let known = fields.iter().find(|(field, _)| field == name);
                let value = known.map_or("null", |(_, value)| value);
                match plan {
                    Some(plan) => plan.write(value, legacy, out)?,
                    None => out.push_str(value),
                }
            }
            Self::Values(of, pairs) => {
                let begin = out.len();
                of.write(fields, legacy, out)?;
                let given = out.get(begin..)?;
                let word = given.trim_matches('"');
                if let Some((_, older)) = pairs.iter().find(|(newer, _)| *newer == word) {
                    let quoted = given.starts_with('"');
                    out.truncate(begin);
                    if quoted {
                        out.push('"');
                    }
                    out.push_str(older);
                    if quoted {
                        out.push('"');
                    }
                }
            }
            Self::Made(from, lower, plan) => {
                let values = from.iter().map(|from| from.value(fields, legacy));
                let values = values.collect::<Option<Vec<_>>>()?;
                write_value(&lower(&values), plan.as_deref(), legacy, out)?;
            }
            Self::Recast(of, lower, plan) => {
                let value = lower(of.value(fields, legacy)?);
                write_value(&value, plan.as_deref(), legacy, out)?;
            }
        }
        Some(())
    }

    fn value(&self, fields: &Members<'_>, legacy: &Members<'_>) -> Option<Value> {
        if let Some(text) = self.copied(fields, legacy) {
            return serde_json::from_str(text).ok();
        }
        let mut text = String::new();
        self.write(fields, legacy, &mut text)?;
        serde_json::from_str(&text).ok()
    }
}

/// The plan of the objects in a field that an older version brings with it.
fn plan_of(field: &Field, version: Version) -> Option<Box<Plan>> {
    let model = field.kind.model()?;
    let fields = |model: Model| version.fields(model).to_vec();
    Some(Box::new(Plan::identity(model, &fields(model), &fields)))
}

fn write_value(
    value: &Value,
    plan: Option<&Plan>,
    legacy: &Members<'_>,
    out: &mut String,
) -> Option<()> {
    let text = value.to_string();
    if let Some(plan) = plan {
        plan.write(&text, legacy, out)
    } else {
        out.push_str(&text);
        Some(())
    }
}

/// A name of a field of ours needs no escaping.
fn push_name(name: &str, out: &mut String) {
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}
