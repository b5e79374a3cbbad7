//! What is answered, as tables of fields in the newest version.

pub(crate) mod courier;
pub(crate) mod lists;
pub(crate) mod own;
pub(crate) mod prediction;
pub(crate) mod tracking;

use crate::fields::Kind;

/// Text of an answer: it was checked when it came in.
pub(crate) const TEXT: Kind = Kind::Text(usize::MAX);
/// A whole number of an answer.
pub(crate) const INTEGER: Kind = Kind::Integer(i64::MIN, i64::MAX);
/// Any number of an answer.
pub(crate) const NUMBER: Kind = Kind::Float(f64::MIN, f64::MAX);
/// Texts of an answer.
pub(crate) const TEXTS: Kind = Kind::List(usize::MAX, &TEXT);
/// As many of something as there are.
pub(crate) const MANY: usize = usize::MAX;
