//! How couriers say sub-statuses: one table a courier, `sub_status,<N codes>,description`, the generic
//! word of each tag first among its tag's. No description holds a comma, so nothing is quoted.

use waybill_model::SubStatus;

/// A courier's words, with N codes each.
pub struct Words<const N: usize>(&'static str);

/// How a courier says one sub-status.
#[derive(Debug, Clone, Copy)]
pub struct Word<const N: usize> {
    /// What it stands for.
    pub sub_status: SubStatus,
    /// The courier's codes, in the order of its table.
    pub codes: [&'static str; N],
    /// The text beside them.
    pub description: &'static str,
}

impl<const N: usize> Words<N> {
    /// The words of a table.
    pub const fn new(table: &'static str) -> Self {
        Self(table)
    }

    /// The courier's word for a sub-status; where it has none so exact, the generic one of the tag.
    /// `None` for what no courier says (Pending, Expired).
    pub fn nearest(&self, sub_status: SubStatus) -> Option<Word<N>> {
        self.all()
            .find(|word| word.sub_status == sub_status)
            .or_else(|| {
                self.all()
                    .find(|word| word.sub_status.tag() == sub_status.tag())
            })
    }

    /// As [`Words::nearest`], with the exact text beside a generic word.
    pub fn with_exact_text(&self, sub_status: SubStatus) -> Option<Word<N>> {
        let word = self.nearest(sub_status)?;
        if word.sub_status == sub_status {
            return Some(word);
        }
        Some(Word {
            description: sub_status.message(),
            ..word
        })
    }

    fn all(&self) -> impl Iterator<Item = Word<N>> {
        self.0.lines().skip(1).filter_map(|line| {
            let mut columns = line.split(',');
            let sub_status = SubStatus::parse(columns.next()?)?;
            let mut codes = [""; N];
            for code in &mut codes {
                *code = columns.next()?;
            }
            Some(Word {
                sub_status,
                codes,
                description: columns.next()?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use waybill_model::Tag;

    use super::*;
    use crate::sandbox::{dhl, fedex, ups, usps};

    #[test]
    fn every_line_is_a_word_and_every_sub_status_of_a_script_has_one() {
        sound(&ups::WORDS);
        sound(&fedex::WORDS);
        sound(&usps::WORDS);
        sound(&dhl::WORDS);
    }

    fn sound<const N: usize>(words: &Words<N>) {
        assert!(
            words
                .0
                .lines()
                .all(|line| line.matches(',').count() == N + 1)
        );
        assert_eq!(words.all().count(), words.0.lines().count() - 1);
        for sub_status in SubStatus::ALL {
            let outside_scripts = matches!(sub_status.tag(), Tag::Pending | Tag::Expired);
            assert_eq!(
                words.nearest(*sub_status).is_none(),
                outside_scripts,
                "{sub_status:?}"
            );
        }
        let mut tags = Vec::new();
        for word in words.all() {
            if !tags.contains(&word.sub_status.tag()) {
                assert!(word.sub_status.is_generic(), "{word:?}");
                tags.push(word.sub_status.tag());
            }
        }
    }
}
