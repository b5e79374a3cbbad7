//! What all nodes know together of the asking: what was spent of daily budgets, and couriers' rhythms.

use waybill_model::CourierSlug;

/// What was spent of a budget on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentRow {
    /// Whose budget: the courier's, for each account.
    pub name: String,
    /// Requests.
    pub spent: u32,
}

/// A courier's rhythm, as far as it was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RhythmRow {
    /// Which courier.
    pub slug: CourierSlug,
    /// 0 where it was never written; grows with every writing.
    pub revision: u64,
    /// The rhythm as text.
    pub document: String,
}
